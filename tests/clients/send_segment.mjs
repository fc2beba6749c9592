// Sends what standard input tells through Segment's own client: {"host", "calls": [[kind, message], …]}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.CLIENTS, "package.json"));
const { Analytics } = require("@segment/analytics-node");
const told = JSON.parse(readFileSync(0, "utf8"));
const failures = [];

const analytics = new Analytics({ writeKey: told.writeKey, host: told.host, flushAt: told.flushAt, flushInterval: 200 });
analytics.on("error", (error) => failures.push(String(error.reason ?? error.code)));
for (const [kind, message] of told.calls) {
  analytics[kind]({ ...message, ...(message.timestamp && { timestamp: new Date(message.timestamp) }) });
}
await analytics.closeAndFlush({ timeout: 60000 });
console.log(JSON.stringify(failures));
