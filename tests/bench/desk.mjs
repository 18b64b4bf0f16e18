// A queue-style picture engine for measuring clients: submit, one poll that says "in progress", one that says "completed", the result,
// the picture. Every answer comes LATENCY ms after its request. Usage: desk.mjs LATENCY PICTURE; prints its port.
// SPDX-License-Identifier: ISC
import fs from "node:fs";
import http from "node:http";

const latency = Number(process.argv[2]);
const picture = fs.readFileSync(process.argv[3]);
const polls = [];

function answer(url) {
  const id = Number(url.slice(url.lastIndexOf("/") + 1));
  if (url === "/submit") return JSON.stringify({ id: String(polls.push(0) - 1) });
  if (url.startsWith("/status/")) return JSON.stringify({ done: polls[id]++ > 0 });
  if (url.startsWith("/result/")) return JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/picture/${id}` });
  return picture;
}

const server = http.createServer({ keepAliveTimeout: 60000 }, (request, response) => {
  request.resume();
  request.on("end", () => {
    const body = answer(request.url);
    response.setHeader("Content-Type", body === picture ? "image/png" : "application/json");
    response.setHeader("Content-Length", Buffer.byteLength(body));
    if (latency > 0) setTimeout(() => response.end(body), latency);
    else response.end(body);
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(server.address().port));
