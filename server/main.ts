/** The server's entry: `node server/main.ts`. Everything else is imported after the check of Node's version. */
const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < NEEDED) {
  console.error(
    `Kept needs Node ${NEEDED}; this is ${process.version}. Start it with "npm start" or "npx kept serve", which bring their own, or install Node ${NEEDED}.`,
  );
  process.exit(1);
}

// Compiled code is kept between starts. Old versions of Node have no such thing, so it is asked for only here.
const { enableCompileCache } = await import('node:module');
enableCompileCache();

const { createApp } = await import('./app.ts');
const { readConfig } = await import('./platform/config.ts');
const { Failure } = await import('./platform/failure.ts');

// Until there is an app to stop in order, a parent that goes away ends us at once; the embedded database ends with us.
const leave = () => process.exit(1);
process.once('disconnect', leave);

try {
  const app = await createApp({ config: readConfig() });
  stopWhenTold(app);
  const { address, setup } = await app.start().catch(async (error) => {
    await app.stop();
    throw error;
  });
  app.platform.log.info({ address }, 'ready');
  process.send?.({ ready: true, address, setup });
  // Whoever started us over IPC tells people in their own words.
  if (setup !== null && process.send === undefined)
    console.error(`This server is empty so far. Set it up here, once:\n${setup}`);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`${error.title}.\n${error.message}`);
  process.exit(1);
}

function stopWhenTold(app: Awaited<ReturnType<typeof createApp>>): void {
  let told = false;
  const stop = (why: string) => {
    // Told twice means: now. The embedded database ends with this process and recovers at the next start.
    if (told) process.exit(1);
    told = true;
    app.platform.log.info({ why }, 'stopping');
    app.stop().then(
      () => process.exit(0),
      (error) => {
        app.platform.log.fatal({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  // A parent that started us over IPC and went away.
  process.off('disconnect', leave);
  process.on('disconnect', () => stop('parent gone'));
}
