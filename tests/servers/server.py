"""A web server that misbehaves as it is told: server.py PORT [--MODE[=N]] …, where N counts requests, seconds, or milliseconds."""

import json
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, *options = sys.argv[1:]
modes = dict(option.removeprefix("--").split("=") if "=" in option else (option[2:], "0") for option in options)
answered = 0
began = time.monotonic()
lock = threading.Lock()


def due(mode):
    return mode in modes and answered > int(modes[mode])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        global answered
        if self.path == "/who":
            return self.answer(200, json.dumps(self.who()))
        with lock:
            answered += 1
            if "mortal" in modes and place == 1 and answered == 200:
                # It is measured by now, and has as long to live.
                threading.Timer(float(modes["mortal"]), os._exit, [0]).start()
            if "freeze" in modes and time.monotonic() - began > float(modes["freeze"]):
                del modes["freeze"]
                time.sleep(1)
        if "busy" in modes:
            until = time.thread_time() + int(modes["busy"]) / 1000
            while time.thread_time() < until:
                pass
        if due("die"):
            print("so long", flush=True)
            os._exit(3)
        if due("hang"):
            time.sleep(1000)
        if due("error"):
            return self.answer(500, "sorry")
        self.answer(200, "wrong\n" if due("wrong") else modes.get("says", "hello") + "\n")

    def who(self):
        flipped = due("flip")
        settings = {"debug": "debug" in modes}
        return {"pid": os.getpid(), "gil": flipped, "free_threaded": True, "python": "3.14.7", "settings": settings}

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if "named" in modes:
            self.send_header("X-Worker", f"{os.getpid()}/{threading.get_native_id()}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def launched():
    """How often the scenario's servers of this mode were started, this one included."""
    with open(f"{__file__}.launches", "a+") as file:
        file.write(".")
        return file.tell()


def pair():
    """Two workers of a parent that only looks after them; one that ends is started again."""
    children = {}
    while True:
        for place in (0, 1):
            if place in children.values():
                continue
            pid = os.fork()
            if pid == 0:
                return place
            children[pid] = place
        children.pop(os.wait()[0])


if "fails-in" in modes and launched() == int(modes["fails-in"]):
    modes["die"] = "30"
if "slow" in modes:
    time.sleep(float(modes["slow"]))
if "never" in modes:
    print("still thinking", flush=True)
    time.sleep(1000)
if "broken" in modes:
    sys.exit("no such application")
server = Server(("127.0.0.1", int(port)), Handler)
place = 0
if "pair" in modes or "lazy" in modes or "mortal" in modes:
    place = pair()
    if "lazy" in modes and place == 1:
        # It listens, and never accepts.
        time.sleep(1000)
if "workers" in modes:
    # Each in a session of its own, as a daemon would be.
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            break
server.serve_forever()
