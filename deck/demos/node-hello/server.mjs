import { createServer } from "node:http";

const server = createServer((request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("Hello, world\n");
});
// Its default of 5 s is short: connections rest while other variants have their turn.
server.keepAliveTimeout = 30_000;
server.listen(Number(process.argv[2]), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
