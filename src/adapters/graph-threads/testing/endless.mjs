/** A module that is never loaded to its end. */
setInterval(() => undefined, 1_000);
await new Promise(() => undefined);
