// The addresses that letters go to, with the number of the visit in them.

const MAIL = `${NAME}.c`;
const mails = listOf(told.emails).map((mail) => mail.toLowerCase());
const mailOf = (link) => decodeURIComponent(link.href.slice(7).split('?')[0]).toLowerCase();
const links = () => all('a[href^="mailto:"]').filter((link) => mails.includes(mailOf(link)));
let mail;
let askedFor;

const showMail = () => {
  for (const link of mail ? links() : []) {
    const written = new RegExp(mailOf(link).replace(/\W/g, '\\$&'), 'i');
    for (const node of link.childNodes) if (node.nodeType === 3) node.data = node.data.replace(written, mail);
    link.href = link.href.replace(/:[^?]*/, `:${mail}`);
  }
};

const askForMail = () => {
  const state = allowed && known();
  if (!state || askedFor === state.session || !links().length) return;
  const { visitor, session } = state;
  const kept = (load(MAIL) || '').split(',');
  askedFor = session;
  if (kept[0] === session) {
    mail = kept[1];
    showMail();
    return;
  }
  const keep = guard((answer) => {
    mail = answer.address;
    save(MAIL, [session, mail || ''].join());
    showMail();
  });
  const body = JSON.stringify({ key: told.key, sent: Date.now(), lease: { visitor, session, phones: 0 } });
  fetch(address, { method: 'POST', body }).then((answer) => answer.json().then(keep)).catch(() => {});
};

const watchMails = () => {
  let soon;
  const look = guard(() => {
    soon = 0;
    if (mail) showMail();
    else askForMail();
  });
  look();
  on(document, 'prerenderingchange', () => later(look));
  new MutationObserver(() => {
    soon = soon || later(look, 50);
  }).observe(document.body, { childList: true, subtree: true });
};
later(() => ready(() => whenAllowed(watchMails)));
