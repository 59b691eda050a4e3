"""A small server that speaks BigQuery's REST API to the real client, records each request, and fails as it is told.

It keeps data sets, tables and jobs in memory, and holds to the documented rules that the emulator ignores: a job's id is used
once, labels are merged by an update, keys are kept, a foreign key needs the primary key that it refers to in another table of the
same data set, a copy takes over the keys of its source and needs the same partitions.
"""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass
class Fault:
    """What happens to the next ``times`` requests of a method and path."""

    method: str
    path: str
    """regular expression, searched in the path"""
    status: int = 0
    """HTTP status; 0: the connection is reset, after the request was carried out if ``carried_out``"""
    reason: str = ""
    message: str = ""
    times: int = 1
    carried_out: bool = False


class Refused(Exception):  # noqa: N818 an answer, not a fault of the test
    """An answer that is an error."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


@dataclass
class WireBigQuery:
    """What the server knows. Tests read and change it between requests."""

    address: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    """address of a Parquet file -> its rows"""
    datasets: dict[str, Body] = field(default_factory=dict)
    tables: dict[str, dict[str, Body]] = field(default_factory=dict)
    jobs: dict[str, Body] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    job_errors: list[tuple[str, str, str]] = field(default_factory=list)
    """part of a job's id, reason, message: the next such job fails in the background"""
    running: int = 0
    """how many times the next jobs are still RUNNING when they are asked for"""
    slow_jobs: str = ""
    """kind of jobs (load, copy) that stay RUNNING until a test sets their ``polls`` to 0"""
    bytes_processed: int = 1000
    answer: tuple[list[Body], list[list[Any]]] = field(default_factory=lambda: ([], []))
    """fields and rows of a query's result"""
    seen: list[tuple[str, str, Body]] = field(default_factory=list)
    """method, path below the project, body"""
    credentials: set[str] = field(default_factory=set)
    """values of the header Authorization"""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def requests(self, method: str, path: str) -> list[Body]:
        """The bodies of the requests that came, in order."""
        return [body for seen, where, body in self.seen if seen == method and re.search(path, where)]

    def started(self, kind: str) -> list[str]:
        """Ids of the jobs of a kind that were asked for, also those that were refused."""
        return [
            body["jobReference"]["jobId"] for body in self.requests("POST", r"^/jobs$") if kind in body["configuration"]
        ]

    def respond(self, method: str, path: str, body: Body) -> Body:
        """Carry out one request."""
        with self.lock:
            parts = path.strip("/").split("/")
            match [method, *parts]:
                case ["GET", "datasets"]:
                    return {"datasets": [_listed(dataset) for dataset in self.datasets.values()]}
                case ["POST", "datasets"]:
                    return self._create_dataset(body)
                case ["GET", "datasets", name]:
                    return self._dataset(name)
                case ["PATCH", "datasets", name]:
                    return _merged(self._dataset(name), body)
                case ["DELETE", "datasets", name]:
                    del self.datasets[self._dataset(name)["datasetReference"]["datasetId"]]
                    del self.tables[name]
                    return {}
                case ["GET", "datasets", name, "tables"]:
                    self._dataset(name)
                    listed = [{"tableReference": table["tableReference"]} for table in self.tables[name].values()]
                    return {"tables": listed, "totalItems": len(listed)}
                case ["POST", "datasets", name, "tables"]:
                    return self._create_table(name, body)
                case ["GET", "datasets", name, "tables", table]:
                    return self._table(name, table)
                case ["PATCH", "datasets", name, "tables", table]:
                    return self._update_table(name, table, body)
                case ["DELETE", "datasets", name, "tables", table]:
                    self._table(name, table)
                    return self.tables[name].pop(table) and {}
                case ["POST", "jobs"]:
                    return self._start(body)
                case ["GET", "jobs", job_id]:
                    return self._job(job_id)
                case ["POST", "jobs", job_id, "cancel"]:
                    return {"job": self._job(job_id)}
                case ["GET", "queries", job_id]:
                    return self._results(job_id)
            raise Refused(404, "notFound", f"no such path: {method} {path}")

    def _create_dataset(self, body: Body) -> Body:
        name = body["datasetReference"]["datasetId"]
        if name in self.datasets:
            raise Refused(409, "duplicate", f"Already Exists: Dataset {name}")
        created = {"creationTime": str(int(time.time() * 1000))}
        self.datasets[name], self.tables[name] = {**deepcopy(body), **created}, {}
        return self.datasets[name]

    def _dataset(self, name: str) -> Body:
        if name not in self.datasets:
            raise Refused(404, "notFound", f"Not found: Dataset p:{name}")
        return self.datasets[name]

    def _table(self, dataset: str, name: str) -> Body:
        self._dataset(dataset)
        if name not in self.tables[dataset]:
            raise Refused(404, "notFound", f"Not found: Table p:{dataset}.{name}")
        return self.tables[dataset][name]

    def _create_table(self, dataset: str, body: Body) -> Body:
        self._dataset(dataset)
        name = body["tableReference"]["tableId"]
        if name in self.tables[dataset]:
            raise Refused(409, "duplicate", f"Already Exists: Table p:{dataset}.{name}")
        self.tables[dataset][name] = {**deepcopy(body), "numRows": "0", "numBytes": "0"}
        return self.tables[dataset][name]

    def _update_table(self, dataset: str, name: str, body: Body) -> Body:
        table = self._table(dataset, name)
        for key in body.get("tableConstraints", {}).get("foreignKeys", []):
            other = key["referencedTable"]
            parent = self._table(other["datasetId"], other["tableId"])
            primary = parent.get("tableConstraints", {}).get("primaryKey", {}).get("columns")
            if other["datasetId"] != dataset or other["tableId"] == name:
                raise Refused(400, "invalid", f"Foreign key of {name} cannot refer to {other}")
            if primary != [pair["referencedColumn"] for pair in key["columnReferences"]]:
                raise Refused(
                    400, "invalid", f"Foreign key of {name} does not refer to a primary key of {other['tableId']}"
                )
        return _merged(table, body)

    def _start(self, body: Body) -> Body:
        job_id = body["jobReference"]["jobId"]
        if body["configuration"].get("dryRun"):
            return self._dry_run(body)
        if job_id in self.jobs:
            raise Refused(409, "duplicate", f"Already Exists: Job p:US.{job_id}")
        job = {**deepcopy(body), "status": {"state": "DONE"}, "statistics": {}, "polls": self.running}
        self.running = 0
        if self.slow_jobs in body["configuration"]:
            job["polls"] = 1_000_000
        self.jobs[job_id] = job
        failing = next((error for error in self.job_errors if error[0] in job_id), None)
        if failing:
            self.job_errors.remove(failing)
            error = {"reason": failing[1], "message": failing[2]}
            job["status"] |= {"errorResult": error, "errors": [error]}
        elif "load" in body["configuration"]:
            self._load(body["configuration"]["load"])
        elif "copy" in body["configuration"]:
            self._copy(body["configuration"]["copy"])
        return self._job(job_id)

    def _load(self, load: Body) -> None:
        target = load["destinationTable"]
        table = self._table(target["datasetId"], target["tableId"])
        before = 0 if load["writeDisposition"].startswith("WRITE_TRUNCATE") else int(table["numRows"])
        if load["writeDisposition"] == "WRITE_TRUNCATE":
            table.pop("schema")  # of the files: without descriptions
        rows = before + sum(self.rows[uri] for uri in load["sourceUris"])
        table |= {"numRows": str(rows), "numBytes": str(rows * 8)}

    def _copy(self, copy: Body) -> None:
        source, target = copy["sourceTables"][0], copy["destinationTable"]
        new = deepcopy(self._table(source["datasetId"], source["tableId"]))
        old = self.tables[target["datasetId"]].get(target["tableId"])
        if old and old.get("timePartitioning") != new.get("timePartitioning"):
            raise Refused(400, "invalid", "Incompatible table partitioning specification")
        # what is not documented to be kept is lost
        new.pop("description", None)
        self.tables[target["datasetId"]][target["tableId"]] = {**new, "tableReference": target}

    def _counted(self, query: Body) -> tuple[list[Body], list[list[Any]]]:
        """The result of a query that counts the rows of tables; otherwise what the test wants."""
        counts = re.findall(r"SELECT (\d+) AS number, COUNT\(\*\) AS n FROM `(\w+)`", query["query"])
        if not counts:
            return self.answer
        dataset = query["defaultDataset"]["datasetId"]
        rows = [[number, self._table(dataset, name)["numRows"]] for number, name in counts]
        return [{"name": name, "type": "INTEGER", "mode": "NULLABLE"} for name in ("number", "n")], rows

    def _dry_run(self, body: Body) -> Body:
        return {
            **body,
            "status": {"state": "DONE"},
            "statistics": {"query": {"totalBytesProcessed": str(self.bytes_processed)}},
        }

    def _job(self, job_id: str) -> Body:
        if job_id not in self.jobs:
            raise Refused(404, "notFound", f"Not found: Job p:US.{job_id}")
        job = self.jobs[job_id]
        job["polls"] -= 1
        if job["polls"] >= 0:
            return {**job, "status": {"state": "RUNNING"}}
        if "query" in job["configuration"]:
            processed = str(self.bytes_processed)
            job["statistics"] = {"query": {"totalBytesProcessed": processed, "totalBytesBilled": str(10 * 1024**2)}}
        return job

    def _results(self, job_id: str) -> Body:
        job = self._job(job_id)
        reference = {"jobReference": job["jobReference"]}
        if job["status"]["state"] != "DONE":
            return {**reference, "jobComplete": False}
        error = job["status"].get("errorResult")
        if error:
            raise Refused(400, error["reason"], error["message"])
        fields, rows = self._counted(job["configuration"]["query"])
        cells = [{"f": [{"v": value} for value in row]} for row in rows]
        return {
            **reference,
            "jobComplete": True,
            "schema": {"fields": fields},
            "rows": cells,
            "totalRows": str(len(rows)),
        }


def _listed(dataset: Body) -> Body:
    """A data set as the list of all has it: without its time of creation."""
    return {name: dataset[name] for name in ("datasetReference", "labels", "location") if name in dataset}


def _merged(resource: Body, change: Body) -> Body:
    """An update: maps of labels are merged, everything else is replaced; null removes."""
    for name, value in change.items():
        if name == "labels":
            resource[name] = {k: v for k, v in {**resource.get(name, {}), **value}.items() if v is not None}
        elif value is None:
            resource.pop(name, None)
        else:
            resource[name] = value
    return resource


@contextmanager
def wire_bigquery() -> Iterator[WireBigQuery]:
    """A running server; ``address`` is the value of ``BIGQUERY_EMULATOR_HOST``."""
    state = WireBigQuery()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # it delays each answer by 40 ms

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = re.sub(r"\?.*$", "", self.path)
            path = re.sub(r"^(/bigquery/v2)?/projects/[^/]+", "", path)
            body = json.loads(content) if content.startswith(b"{") else {}
            with state.lock:
                state.seen.append((self.command, path, body))
                if "Authorization" in self.headers:
                    state.credentials.add(self.headers["Authorization"])
                fault = next(
                    (one for one in state.faults if one.method == self.command and re.search(one.path, path)), None
                )
                if fault:
                    fault.times -= 1
                    if not fault.times:
                        state.faults.remove(fault)
            try:
                if fault and fault.status:
                    raise Refused(fault.status, fault.reason, fault.message)
                if fault is None:
                    self._send(200, state.respond(self.command, path, body))
                    return
                if fault.carried_out:
                    state.respond(self.command, path, body)
                self._reset()
            except Refused as refusal:
                error = {"reason": refusal.reason, "message": refusal.message, "domain": "global"}
                self._send(
                    refusal.status, {"error": {"code": refusal.status, "message": refusal.message, "errors": [error]}}
                )

        def _reset(self) -> None:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        def _send(self, status: int, answer: Body) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
