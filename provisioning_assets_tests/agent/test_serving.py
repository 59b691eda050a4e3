"""The local server: free ports, ports in use, the foreground mode, and stores that it cannot serve."""

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from upath import UPath

from provisioning_assets.agent.local_server.serving import running_server, serve_forever
from provisioning_assets.agent.local_server.store_folder import local_folder
from provisioning_assets.errors import ProvisioningError


def test_two_servers_run_beside_each_other_and_are_gone_afterwards(tmp_path: Path) -> None:
    with running_server(tmp_path) as first, running_server(UPath(tmp_path)) as second:
        for address in (first, second):
            assert httpx.get(f"{address}/v1/projects/local/locations/global/dataAgents").json() == {}
            assert address.startswith("http://127.0.0.1:")
    for address in (first, second):
        with pytest.raises(httpx.ConnectError):
            httpx.get(address)


def test_a_port_in_use_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ProvisioningError, match="--port"), running_server(tmp_path, port):
            pass
        with pytest.raises(ProvisioningError, match=str(port)):
            serve_forever(tmp_path, port)


def test_a_store_elsewhere_cannot_be_served(tmp_path: Path) -> None:
    with pytest.raises(ProvisioningError, match="PROVISIONING_STORE"):
        local_folder(UPath("memory://store"))
    assert local_folder(UPath(tmp_path)) == tmp_path


def test_the_foreground_server_says_where_it_is_and_ends_on_interrupt(tmp_path: Path) -> None:
    code = (
        "import sys; from provisioning_assets.agent.local_server.serving import serve_forever\n"
        "serve_forever(__import__('pathlib').Path(sys.argv[1]), 0, show=lambda line: print(line, flush=True))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    address = line.split(" on ")[1].split(" ")[0]
    try:
        for _ in range(100):
            try:
                assert httpx.get(f"{address.removesuffix('/')}/dataAgents").status_code == 200
                break
            except httpx.ConnectError:
                continue
    finally:
        process.terminate()
        process.wait(10)
