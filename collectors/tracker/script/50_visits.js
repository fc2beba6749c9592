// Visits and page views. A visit ends after half an hour of silence, or where its visitor comes from elsewhere again.

const SILENCE = 30 * MINUTE;
const MARKS = /[?&#](utm_\w+|_openstat|CLICK_IDS)=[^&#]+/gi;
const PASSED_THROUGH = listOf(
  'yookassa.ru yoomoney.ru robokassa.com cloudpayments.ru tbank.ru sberbank.ru paypal.com liqpay.ua amocrm.ru ' +
  'kommo.com bitrix24.ru bitrix24.com',
);
const FOREIGN_COOKIES = listOf('_ym_uid _ga _fbp _fbc roistat_visit');

const marksOf = (url) => (url.match(MARKS) || []).map((mark) => mark.slice(1)).sort().join('&');
const hash = (text) =>
  text && [...text].reduce((sum, letter) => (sum * 33 + letter.codePointAt()) >>> 0, 1).toString(36);
const hostOf = guard((url) => new URL(url, location).hostname);
const foreignCookies = () => Object.fromEntries(FOREIGN_COOKIES.map((name) => [name, cookie(name)]));

// Where the visitor was before, unless that was here, or a place that only sent them back.
const referrer = () => {
  const host = `.${hostOf(document.referrer)}`;
  const listed = listOf(told.ignore).map((name) => hostOf(`//${name}`));
  const passing = [siteDomain() || location.hostname.replace(/^www\./, ''), ...PASSED_THROUGH, ...listed];
  return passing.some((name) => host.endsWith(`.${name}`)) ? '' : document.referrer;
};

// The visit that an event of this moment belongs to. `from` is told where somebody has just come to the page.
const visitAt = (at, url, from) => {
  const before = known();
  const mark = from === undefined ? '' : hash(marksOf(url) || (from && hostOf(from)));
  const goesOn = before && at - before.last < SILENCE && (!mark || mark === before.mark);
  const state = {
    visitor: before ? before.visitor : newId('v'),
    session: goesOn ? before.session : newId('s'),
    last: Math.max(at, before ? before.last : 0),
    mark: goesOn ? before.mark : mark,
  };
  remember(state);
  const ids = { visitor: state.visitor, session: state.session, url, title: document.title };
  if (!goesOn) put('visit', at, { ...ids, referrer: from, cookies: foreignCookies() });
  return { ids, goesOn };
};

const note = (type, fields, at = Date.now(), url = location.href) =>
  whenAllowed(() => put(type, at, { ...visitAt(at, url).ids, ...fields, cookies: foreignCookies() }));

const viewPage = (url, comes) => {
  const at = Date.now();
  shown = url;
  whenAllowed(() => {
    const { ids, goesOn } = visitAt(at, url, comes ? referrer() : undefined);
    if (goesOn) put('page', at, ids);
  });
};

// The address as far as it names a page: neither marks nor a place within the page.
const pageOf = (url) => url.replace(MARKS, '').replace('?', '&').replace(/#(?![!/]).*/, '');
let shown = '';

const viewIfNew = () => {
  const url = location.href;
  const brings = marksOf(url);
  const comes = brings && brings !== marksOf(shown);
  if (!comes && pageOf(url) === pageOf(shown)) return;
  viewPage(url, comes);
  refresh();
};

const watchHistory = () => {
  const look = guard(() => later(viewIfNew, 50));
  for (const name of ['pushState', 'replaceState']) {
    const native = history[name];
    history[name] = function (...words) {
      const result = native.apply(this, words);
      look();
      return result;
    };
  }
  on(window, 'popstate', look);
  on(window, 'hashchange', look);
};

// A script of the page may have taken the marks out of the address before we came.
const viewFirst = () => {
  const { name, type } = guard(() => performance.getEntriesByType('navigation')[0])() || {};
  viewPage(name && marksOf(name) && !marksOf(location.href) ? name : location.href, !/reload|back/.test(type));
};
