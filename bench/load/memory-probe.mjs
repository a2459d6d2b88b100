/** Preloaded into a server: tells its parent what lives on its heap. Needs `--expose-gc` and an IPC channel, which it does not hold open. */

process.on("message", async () => {
  // A second turn for what finalizers and closed sockets let go.
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.send(process.memoryUsage().heapUsed);
});
process.channel?.unref();
