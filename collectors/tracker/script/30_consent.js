// Whether anything may be kept or sent: true, false, or undefined. Until it is said, work waits in the page's memory.

const OPTED_OUT = 'no';
const refuses = navigator.doNotTrack === '1' || window.doNotTrack === '1' || navigator.globalPrivacyControl;
const optedOut = () => [cookie(NAME), load(NAME)].includes(OPTED_OUT);
const asks = told.consent === 'required';
let waiting = [];
let allowed = refuses || optedOut() ? false : !asks || undefined;

const whenAllowed = (work) => {
  if (allowed) guard(work)();
  else if (allowed === undefined && waiting.length < MOST_QUEUED) waiting.push(work);
};

const consent = (word) => {
  if (refuses) return;
  allowed = word === 'granted';
  if (!allowed || optedOut()) forgetAll();
  if (allowed) waiting.forEach(whenAllowed);
  else if (!asks) keep(OPTED_OUT);
  if (!allowed) queue.clear();
  waiting = [];
  refresh();
};

// The page has changed, or we may do more than before.
const refresh = () => ready(() => {
  fillForms();
  askForNumber();
});
