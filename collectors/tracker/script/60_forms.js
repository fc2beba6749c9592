// Forms: those that are marked, and those that ask for a phone or an e-mail. Never passwords, cards, or what is hidden.

const MARK = 'data-closedloop';
const KIND = 'data-closedloop-field';
const UNREAD = /(^|\s)cc-|one-time|pass|pwd|card|cvc|cvv|\bpan\b|secret|token|парол|карт/i;
const CARD = /(\d[ -]?){13,19}/g;
const KINDS = {
  email: /e-?mail|почт/i,
  phone: /phone|\btel|mobil|телеф/i,
  name: /(^|[^a-rt-z])name|имя|fio|фио/i,
};
const LOOKS = { email: /@/, phone: /(\d\D*){7}/ };
const MOST_FIELDS = 30;
const LONGEST_VALUE = 500;
const passwords = new WeakSet();
const drafts = new WeakMap();

const fieldsOf = (form) => all('input,select,textarea', form);
const wordsOf = (field) =>
  ['type', 'autocomplete', 'name', 'id', 'placeholder'].map((name) => attribute(field, name)).join(' ');
const isIgnored = (element) => element.closest(`[${MARK}=ignore]`);
const isPassword = (field) => field.type === 'password' || passwords.has(field);

// The check digit of payment cards.
const isCard = (text) =>
  [...digitsOf(text)]
    .reverse()
    .reduce((sum, digit, place) => sum + (place % 2 ? (digit * 2) % 9 || +digit : +digit), 0) % 10 === 0;

const isUnread = (field) =>
  /hidden|file|submit|button|reset|image/.test(field.type) || isPassword(field) || isIgnored(field) ||
  UNREAD.test(wordsOf(field)) || !field.getClientRects().length ||
  field.matches('[type=checkbox]:not(:checked),[type=radio]:not(:checked)');

const kindOf = (field) =>
  attribute(field, KIND) || Object.keys(KINDS).find((kind) => KINDS[kind].test(wordsOf(field))) || '';

const isMarked = (form) => attribute(form, MARK) === 'lead';
const isLead = (form) => {
  const fields = fieldsOf(form);
  if (isMarked(form)) return true;
  if (isIgnored(form) || told.forms === 'marked' || fields.some(isPassword)) return false;
  return fields.some((field) => !isUnread(field) && LOOKS[kindOf(field)]);
};

const readForm = (form) => {
  const lead = {};
  const answers = {};
  const chosen = all(`[${KIND}]`, form);
  const fields = (chosen.length ? chosen : fieldsOf(form)).filter((field) => !isUnread(field));
  for (const field of fields.slice(0, MOST_FIELDS)) {
    const value = [...String(field.value).trim()].slice(0, LONGEST_VALUE).join('');
    const kind = kindOf(field);
    if (!value || (value.match(CARD) || []).some(isCard)) continue;
    if (kind && !lead[kind] && (LOOKS[kind] || /./).test(value)) lead[kind] = value;
    else answers[field.name || field.id || field.type] = value;
  }
  return { lead, answers, form: attribute(form, 'id') || attribute(form, 'name') };
};

// The same form with the same person in it, sent again, is the same lead.
const sendLead = (form, read) => {
  const { phone, email } = read.lead;
  if (!isMarked(form) && !phone && !email) return;
  const who = `${phone} ${email}`;
  const before = drafts.get(form) || {};
  const lead_id = before.who === who ? before.lead_id : newId('l');
  drafts.set(form, { ...before, who, lead_id });
  note('lead', { ...read, lead_id });
};

// Contact Form 7 and Tilda tell when a form was really sent: until then what was read is a draft.
const whenSubmitted = ({ target: form }) => {
  fillForm(form);
  if (!isLead(form)) return;
  const read = readForm(form);
  if (form.matches('.wpcf7-form,.js-form-proccess')) drafts.set(form, { ...drafts.get(form), read });
  else sendLead(form, read);
};
const whenSucceeded = ({ target }) => {
  const form = target.closest('form') || target.querySelector('form');
  const { read } = drafts.get(form) || {};
  if (read || isLead(form)) sendLead(form, read || readForm(form));
};

const visitNumber = () => (allowed && known() ? known().visitor : '');
const fillForm = guard((form) => {
  for (const [name, value] of [[VISIT, visitNumber()], ['closedloop_number', said]]) {
    if (!form[name] && allowed && isLead(form)) {
      form.append(Object.assign(document.createElement('input'), { name, type: 'hidden' }));
    }
    if (form[name]) form[name].value = value;
  }
});
const fillForms = () => {
  all('form').forEach(fillForm);
  for (const element of all(`[${MARK}=visit]`)) element.textContent = said;
};

const whenFocused = ({ target }) => {
  if (target.type === 'password') passwords.add(target);
  if (target.form) fillForm(target.form);
};

const watchForms = () => {
  on(window, 'submit', whenSubmitted);
  on(window, 'focusin', whenFocused);
  for (const name of ['wpcf7mailsent', 'tildaform:aftersuccess']) {
    on(document, name, whenSucceeded);
    ready(() => window.jQuery(document).on(name, guard(whenSucceeded)));
  }
};
