"""luck.py PORT RATIO DEVIATION: a server whose speed is drawn anew with each start.

It answers after 40 ms, divided by RATIO and by a factor that it draws when it starts: its logarithm is normal with this
standard deviation, so that over many starts RATIO is what it is faster by. LUCK_SEED fixes the draw.
"""

import os
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, ratio, deviation = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
draw = random.Random(os.environ.get("LUCK_SEED") or os.urandom(16))
PAUSE = 0.040 / ratio / pow(2.718281828459045, draw.gauss(0, deviation))


class Lucky(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        began = time.perf_counter()
        body = b"luck\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        time.sleep(max(0.0, PAUSE - (time.perf_counter() - began)))
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


Server(("127.0.0.1", port), Lucky).serve_forever()
