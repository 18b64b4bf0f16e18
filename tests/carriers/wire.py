"""A server that does as a path says, badly on purpose: torn, late, looping, resetting, dripping. Counts what it was sent. Prints
its port; speaks TLS when given a certificate."""
# SPDX-License-Identifier: ISC
import asyncio
import base64
import hashlib
import json
import ssl
import struct
import socket
import sys

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
seen = {}  # path -> how often a whole request came


def reset(writer):
    """Ends the connection with a reset instead of a goodbye."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def read_request(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    headers = {}
    for line in lines[1:-2]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return method, path, headers, body


def answer(status, body=b"", **headers):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def echo(method, path, headers, body):
    told = {"method": method, "path": path, "headers": headers, "len": len(body), "sum": sum(body) % 1000003, "body": body[:200].decode("latin-1")}
    return answer(200, json.dumps(told).encode(), Content_Type="application/json", X_Request_Id="abc-1")


async def drip(writer, text):
    for byte in text:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.4)


async def serve(reader, writer):
    try:
        while True:
            method, path, headers, body = await read_request(reader)
            seen[path] = seen.get(path, 0) + 1
            port = writer.get_extra_info("sockname")[1]
            name = path.split("?")[0]
            if name == "/move":
                writer.write(answer(302, b"moved", Location="/body"))
            elif name == "/loop":
                writer.write(answer(302, Location="/loop"))
            elif name == "/file":
                writer.write(answer(302, Location="file:///etc/passwd"))
            elif name == "/keep":
                writer.write(answer(307, b"elsewhere", Location="/echo"))
            elif name == "/see":
                writer.write(answer(303, Location="/echo"))
            elif name == "/away":
                writer.write(answer(302, Location=f"http://localhost:{port}/echo"))
            elif name == "/plain":
                writer.write(answer(301, Location=f"http://127.0.0.1:{port}/echo"))
            elif name == "/missing":
                writer.write(answer(404, b"no such thing"))
            elif name == "/many":
                writer.write(answer(429, b"slower", Retry_After="7", X_Fal_Error="a"))
            elif name == "/tell":  # says what it does not accept
                writer.write(answer(401, f"the key {headers.get('x-key')} is not valid".encode()))
            elif name == "/stall":
                await asyncio.sleep(30)
            elif name == "/long":
                writer.write(answer(200, b"x" * 100000))
            elif name == "/torn":
                writer.write(answer(200, b"hello world").replace(b": 11", b": 500"))
                await writer.drain()
                writer.close()
                return
            elif name == "/reset":
                reset(writer)
                return
            elif name == "/close":
                writer.close()
                return
            elif name == "/once":  # answers, and closes instead of answering what comes next
                writer.write(answer(200, b"first"))
                await writer.drain()
                await read_request(reader)
                seen["/once-more"] = seen.get("/once-more", 0) + 1
                reset(writer)
                return
            elif name == "/drip":
                await drip(writer, answer(200, b"x" * 1000, Content_Type="text/plain"))
            elif name == "/heads":
                writer.write(answer(200, **{f"X{i}": "y" for i in range(3000)}))
            elif name == "/seen":
                writer.write(answer(200, str(seen.get(path.partition("?")[2], 0)).encode()))
            elif name == "/ws":  # a websocket that says one thing, and then gives back what it hears
                token = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + GUID).encode()).digest()).decode()
                writer.write(f"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {token}\r\n\r\n".encode())
                writer.write(b"\x81\x05hello")
                await writer.drain()
                head = await reader.readexactly(2)
                mask = await reader.readexactly(4)
                text = bytes(b ^ mask[i % 4] for i, b in enumerate(await reader.readexactly(head[1] & 127)))
                writer.write(bytes([0x81, len(text)]) + text)
                await writer.drain()
                await reader.read()
                return
            elif name == "/body":
                writer.write(answer(200, b"hello world", Content_Type="text/plain"))
            else:
                writer.write(echo(method, path, headers, body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, OSError):
        writer.close()


async def reset_early(reader, writer):
    """Reads nothing, and leaves the other side time to begin."""
    await asyncio.sleep(0.2)
    reset(writer)


async def main():
    tls = None
    if len(sys.argv) > 1:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(sys.argv[1])
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
    early = await asyncio.start_server(reset_early, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], early.sockets[0].getsockname()[1], flush=True)
    await asyncio.gather(server.serve_forever(), early.serve_forever())


asyncio.run(main())
