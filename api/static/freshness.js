"use strict";
// Says when events that came since are in a newer report, and offers to show it.
const freshness = document.getElementById("freshness");
const look = async () => {
  const answer = await fetch("/freshness").catch(() => null);
  if (!answer?.ok) {
    freshness.textContent = "The service does not answer just now.";
    return;
  }
  const { fresh, run } = await answer.json();
  if (String(run.number) !== freshness.dataset.run) {
    const newest = new URL(location);
    newest.searchParams.set("newest", "1");
    const link = Object.assign(document.createElement("a"), { href: newest.pathname + newest.search, textContent: "Show it" });
    freshness.replaceChildren("A newer report is ready. ", link);
  } else {
    freshness.textContent = fresh
      ? "Holds everything accepted so far."
      : "Newer events are on their way into this report.";
  }
};
setInterval(look, 5000);
