"""nginx with the same bytes as files: what no server in Python can do better."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import Application, Server, end_server, free_port, wait_until_it_answers

_SETTINGS = """
daemon off;
worker_processes {workers};
pid {home}/nginx.pid;
error_log {home}/error.log warn;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=100;
  default_type application/json;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}; }}
}}
"""


@contextmanager
def nginx_server(folder: Path, *, workers: int) -> Iterator[Server | None]:
    """Serves the files of `folder` until the end of the block; gives None without nginx."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        yield None
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="galley-nginx-") as home:
        # nginx, started as root, serves as another user, who must get at the files.
        for path in (folder, Path(home)):
            path.chmod(0o755)
        settings, log = Path(home) / "nginx.conf", Path(home) / "output.log"
        text = _SETTINGS.format(workers=workers, home=home, port=port, folder=folder)
        settings.write_text(text)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [program, "-c", str(settings), "-p", home],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            wait_until_it_answers(process, port, "/single", log)
            yield Server(Application("nginx", "", "", ""), process.pid, port)
        finally:
            end_server(process)
