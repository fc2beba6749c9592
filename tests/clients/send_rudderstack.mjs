// Sends what standard input tells through RudderStack's own client: {"host", "calls": [[kind, message], …]}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.CLIENTS, "package.json"));
const Analytics = require("@rudderstack/rudder-sdk-node");
const told = JSON.parse(readFileSync(0, "utf8"));
const failures = [];
const note = (error) => failures.push(String(error));

const options = { dataPlaneUrl: told.host, flushAt: told.flushAt, retryCount: 6, logLevel: "none", errorHandler: note };
const analytics = new Analytics(told.writeKey, options);
for (const [kind, message] of told.calls) analytics[kind](message);
while (analytics.queue.length) await analytics.flush();
await analytics.flush();
console.log(JSON.stringify(failures));
