// Telephone numbers: the page's own are replaced by one that is leased to this visit, in the way the page writes them.

const LEASE = `${NAME}.n`;
const RENEWED_EVERY = 4 * MINUTE;
const BETWEEN = '[\\s().\\u00a0\\u2011\\u2013-]*';
const UNSEEN = /SCRIPT|STYLE|TEXTAREA/;
const ours = new Map(); // the last ten digits of each number that is replaced, and how it was written
let number = '';
let observer;

const digitsOf = (text) => text.replace(/\D/g, '');
const coreOf = (text) => digitsOf(text).slice(-10);
const markedPhones = () => all(`[${MARK}=phone]`).map((element) => attribute(element, 'href') || element.textContent);

const collect = () => {
  const written = [...(told.numbers || '').split(/[,;]/), ...markedPhones()];
  for (const text of written) if (coreOf(text).length > 6) ours.set(coreOf(text), text);
  return ours.size;
};

// `8 (495) 000-00-00` with +74951234567 becomes `8 (495) 123-45-67`.
const inTheWayOf = (pattern) => {
  const count = digitsOf(pattern).length;
  const digits = [...digitsOf(number).slice(-count)];
  if (digits.length < count || count < 10) return number;
  if (/^\D*8/.test(pattern) && count === 11) digits[0] = 8;
  return pattern.replace(/\d/g, () => digits.shift());
};

const show = () => {
  collect();
  const cores = [...ours.keys()].filter((core) => core !== coreOf(number));
  if (!cores.length) return;
  const spelled = cores.map((core) => [...core].join(BETWEEN)).join('|');
  const pattern = new RegExp(`(\\+?\\d{1,3}${BETWEEN})?\\(?(${spelled})(?!\\d)`, 'g');
  for (const link of all('a[href^="tel:"]')) {
    if (cores.includes(coreOf(link.href))) link.href = `tel:${number}`;
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data.replace(pattern, inTheWayOf);
    if (text !== node.data && !UNSEEN.test(node.parentNode.nodeName)) node.data = text;
  }
};

// What the page draws anew is replaced anew.
const watchPage = () => {
  let soon;
  observer = new MutationObserver(() => {
    soon = soon || later(() => {
      soon = 0;
      show();
    }, 50);
  });
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
};

const showNumber = ({ number: leased, visit }) => {
  said = visit || said;
  fillForms();
  if (leased === undefined || (!leased && !number)) return;
  number = leased || [...ours.values()][0];
  save(LEASE, `${known().session},${leased || ''}`);
  show();
  ours.set(coreOf(number), number);
  if (!observer) watchPage();
};

const askForNumber = () => {
  const state = allowed && known();
  if (!state || !(collect() || all(`[${MARK}=visit],[name=closedloop_number]`)[0]) || Date.now() - state.last > SILENCE) return;
  const [session, leased] = (load(LEASE) || '').split(',');
  if (!number && session === state.session) showNumber({ number: leased });
  asksNumber = true;
  sendSoon();
};
