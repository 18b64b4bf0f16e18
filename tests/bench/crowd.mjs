// A server that holds every request until COUNT of them are there, then answers all; prints its port. With a certificate it
// speaks HTTP/2 and HTTP/1.1 over TLS.
// SPDX-License-Identifier: ISC
import fs from "node:fs";
import http from "node:http";
import http2 from "node:http2";

const count = Number(process.argv[2]);
const pem = process.argv[3] && fs.readFileSync(process.argv[3]);
let waiting = [];
const connections = new Set();

function serve(request, response) {
  connections.add(request.stream?.session ?? request.socket); // over HTTP/2 each stream shows a socket of its own
  request.resume();
  request.on("end", () => {
    waiting.push(response);
    if (waiting.length < count) return;
    for (const one of waiting) {
      one.setHeader("X-Connections", String(connections.size));
      one.end(`{"status":"IN_PROGRESS"}`);
    }
    waiting = [];
    connections.clear();
  });
}

const server = pem ? http2.createSecureServer({ key: pem, cert: pem, allowHTTP1: true }, serve) : http.createServer(serve);
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(server.address().port));
