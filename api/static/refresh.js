"use strict";
// Nothing to show yet: look again in a few seconds.
setTimeout(() => location.reload(), 5000);
