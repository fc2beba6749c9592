// The face that the page sees, `window.closedloop`, and the start.

const face = {
  visit: visitNumber,
  goal: (name, properties) => note('goal', { name, properties: { ...properties } }),
  lead: (fields) => note('lead', { lead: { ...fields }, lead_id: newId('l') }),
  identify: (who, traits) => note('identify', { traits: who && who.trim ? { ...traits, user_id: who } : { ...who } }),
  page: () => viewPage(location.href),
  consent,
  push: ([name, ...words]) => face[name](...words),
};
for (const name of Object.keys(face)) face[name] = guard(face[name]);

const start = () => {
  names().filter((name) => name.startsWith(QUEUED)).forEach(guard(adopt));
  [viewFirst, watchHistory, watchForms, refresh].forEach((step) => guard(step)());
  on(window, 'pagehide', sendLeaving);
  on(window, 'online', sendStaying);
  on(window, 'pageshow', (event) => event.persisted && face.page());
  const look = guard(() => {
    if (document.hidden) return sendLeaving();
    askForNumber();
    return sendStaying();
  });
  on(document, 'visibilitychange', look);
  setInterval(look, RENEWED_EVERY);
};

const early = window.closedloop || [];
if (early.push && !early.visit) {
  window.closedloop = face;
  if (document.prerendering) on(document, 'prerenderingchange', start);
  else guard(start)();
  early.forEach(face.push);
}
