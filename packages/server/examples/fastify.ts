import type { CloseOptions, Hub } from "@x/sse-server";
import Fastify, { type FastifyInstance } from "fastify";

/**
 * A Fastify application with the hub at `/events`. `app.close()` ends the streams first.
 *
 * @example
 * const app = createApp(hub);
 * await app.listen({ port: 3000 });
 * process.on("SIGTERM", () => void app.close());
 */
export function createApp(
  hub: Pick<Hub, "node" | "close">,
  closing: CloseOptions = { spreadMs: 5_000 },
): FastifyInstance {
  // While it closes the hub tells clients when to come back; Fastify's 503 would stop a native EventSource for good.
  const app = Fastify({ return503OnClosing: false });
  app.addHook("preClose", async () => {
    await hub.close(closing);
  });
  app.register(async (events) => {
    // The hub reads the body itself, whatever its type.
    events.removeAllContentTypeParsers();
    events.addContentTypeParser("*", (_request, _body, done) => done(null));
    events.all("/events", (request, reply) => {
      hub.node(request.raw, reply.raw);
      reply.hijack();
    });
  });
  return app;
}
