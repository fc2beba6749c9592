// Events on their way: each is kept under its own name until the server has it, so that tabs do not lose each other's.
// What is sent twice has the same id, and counts once.

const QUEUED = `${NAME}.q`;
const MOST_QUEUED = 100;
const MOST_LETTERS = 15_000; // a request that outlives its page holds 64 KB, and a letter takes up to three bytes
const OLDEST = 7 * 24 * 60 * MINUTE;
const queue = new Map();
const flying = new Set();
const left = new Set();
let pause = 0;
let timer = 0;
let asksNumber = false;

const done = (id) => {
  queue.delete(id);
  flying.delete(id);
  forget(QUEUED + id);
};

const put = (type, at, fields) => {
  const event = { id: newId('e'), type, at, ...fields };
  queue.set(event.id, event);
  if (queue.size > MOST_QUEUED) done([...queue.keys()][0]);
  save(QUEUED + event.id, JSON.stringify(event));
  sendSoon();
};

// What an earlier page, or another tab, could not send.
const adopt = (name) => {
  const event = guard(JSON.parse)(load(name)) || {};
  if (event.at > Date.now() - OLDEST) queue.set(event.id, event);
  else forget(name);
};

const sendSoon = () => {
  timer = timer || later(send, pause || 20);
};

const nextBatch = (sent) => {
  let letters = 0;
  const waits = [...queue.values()].filter((event) => !sent.has(event.id));
  return waits.filter((event, place) => (letters += JSON.stringify(event).length) < MOST_LETTERS || !place);
};
const bodyOf = (events, lease) => JSON.stringify({ key: told.key, sent: Date.now(), events, lease });

const send = () => {
  clearTimeout(timer);
  timer = 0;
  const events = allowed && navigator.onLine !== false ? nextBatch(flying) : [];
  const lease = asksNumber && allowed ? { ...known(), phones: ours.size } : undefined;
  if (!events.length && !lease) return;
  const again = guard(() => {
    events.forEach((event) => flying.delete(event.id));
    asksNumber = asksNumber || lease;
    pause = Math.min(pause * 2 || 2000, MINUTE);
    sendSoon();
  });
  const answered = guard((answer) => {
    if (answer.status === 429 || answer.status > 499) return again();
    events.forEach((event) => done(event.id));
    pause = 0;
    if (queue.size > flying.size) sendSoon();
    return lease && answer.json().then(guard(showNumber), again);
  });
  fetch(address, { method: 'POST', body: bodyOf(events, lease), keepalive: true }).then(answered, again);
  events.forEach((event) => flying.add(event.id));
  asksNumber = false;
};

// The page may be gone in a moment, and requests that have just begun with it: all that has no answer leaves again.
const sendLeaving = () => {
  const events = allowed ? nextBatch(left) : [];
  if (events.length && navigator.sendBeacon(address, bodyOf(events))) events.forEach((event) => left.add(event.id));
};

// The page is still there: who knows what became of what left without an answer.
const sendStaying = () => {
  flying.clear();
  left.clear();
  send();
};
