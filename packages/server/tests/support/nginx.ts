import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { vi } from "vitest";
import { onCleanUp } from "./live-server.ts";

/** Starts nginx in front of an address, as it is but for the time it waits for a server that says nothing. */
export async function startNginx(target: string, readTimeoutMs: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sse-nginx-"));
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${target};
      proxy_read_timeout ${readTimeoutMs}ms;
    }
  }
}
`,
  );
  const nginx = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], {
    // It is seldom on the PATH of those who are not root.
    env: { ...process.env, PATH: [process.env["PATH"], "/usr/sbin", "/usr/local/sbin"].join(delimiter) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaints = "";
  nginx.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  onCleanUp(() => stop(nginx, folder));
  await once(nginx, "spawn").catch(() => {
    throw new Error(
      "This test needs nginx on the PATH or in /usr/sbin; install it, on Debian with `apt-get install nginx-light`.",
    );
  });
  await vi.waitFor(() => {
    if (nginx.exitCode !== null) throw new Error(`nginx ended: ${complaints}`);
    return reach(port);
  }, 5_000);
  return `http://127.0.0.1:${port}`;
}

async function stop(nginx: ChildProcess, folder: string): Promise<void> {
  if (nginx.pid !== undefined && nginx.exitCode === null) {
    const exited = once(nginx, "exit");
    nginx.kill();
    await exited;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function reach(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
