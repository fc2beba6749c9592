// Visitor and visit, kept in a cookie and in the storage alike: each heals the other, and tabs share both.

const NAME = '_loop';
const PROBE = `${NAME}_`;
const VISIT = 'closedloop_visit';
const KEPT_SECONDS = 400 * 86_400;
const STATE = /^(v\w{16})\.(s\w{16})\.(\w+)\.(\w*)$/;
let held = '';
let said = ''; // the visit's number, as people say it
let domain;

const load = guard((name) => localStorage.getItem(name));
const save = guard((name, value) => localStorage.setItem(name, value));
const forget = guard((name) => localStorage.removeItem(name));
const names = () => (guard(() => Object.keys(localStorage))() || []).filter((name) => name.startsWith(NAME));
const cookie = guard((name) => (document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1]);
const setCookie = guard((name, value, seconds, within) => {
  document.cookie =
    `${name}=${value}; path=/; max-age=${seconds}; SameSite=Lax` +
    (within ? `; domain=${within}` : '') + (location.protocol === 'https:' ? '; Secure' : '');
});

// The widest domain that may have a cookie: the site with all its subdomains. Empty where no cookie is taken.
const siteDomain = () => {
  const parts = location.hostname.split('.');
  for (let count = 2; domain === undefined && count <= parts.length; count++) {
    const tried = parts.slice(-count).join('.');
    setCookie(PROBE, 1, 60, tried);
    if (cookie(PROBE)) domain = tried;
    setCookie(PROBE, '', 0, tried);
  }
  return (domain = domain || '');
};

const keep = (text) => {
  held = text;
  save(NAME, text);
  setCookie(NAME, text, KEPT_SECONDS, siteDomain());
};

const known = () => {
  const found = [cookie(NAME), load(NAME), held].map((text) => STATE.exec(text)).filter(Boolean);
  return found
    .map(([, visitor, session, last, mark]) => ({ visitor, session, last: parseInt(last, 36), mark }))
    .sort((one, other) => other.last - one.last)[0];
};
const remember = ({ visitor, session, last, mark }) => {
  keep([visitor, session, last.toString(36), mark].join('.'));
  setCookie(VISIT, visitor, KEPT_SECONDS, siteDomain());
};

const forgetAll = () => {
  held = said = '';
  names().forEach(forget);
  for (const name of [NAME, VISIT]) if (cookie(name)) setCookie(name, '', 0, siteDomain());
};
