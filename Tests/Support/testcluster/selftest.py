# SPDX-License-Identifier: Apache-2.0
"""Tries the cluster with kubectl, as people do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from podbench.errors import BenchError

from .running import can_run_pods

START_SECONDS = 3.0
# Seconds for anything that is to come about.
WAIT_SECONDS = 30
HOST = "users-api.default.svc.cluster.local"
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: users-api}
spec:
  selector: {app: users-api}
  ports: [{name: http, port: 80}]
"""
# Asks again and again. A pod may be told to end before the node has heard that nobody is to ask it
# any more, here as in Kubernetes; so a request has a second try, but no third.
CLIENT = f"""
apiVersion: v1
kind: Pod
metadata: {{name: client, labels: {{app: client}}}}
spec:
  terminationGracePeriodSeconds: 2
  containers:
  - name: curl
    image: ghcr.io/meshctl/debug
    command: [sh, -c]
    args:
    - |
      while true; do
        curl -sS -m 5 --retry 1 --retry-all-errors --retry-delay 1 http://{HOST} |
          grep 'Server name' || echo FAILED
        sleep 0.02
      done
"""
NAMES = """
apiVersion: v1
kind: Pod
metadata: {name: names}
spec:
  restartPolicy: Never
  containers:
  - name: ask
    image: ghcr.io/meshctl/debug
    command: [sh, -c]
    args:
    - |
      set -e
      getent ahostsv4 users-api | head -1
      getent hosts nobody && exit 1
      folder=/var/run/secrets/kubernetes.io/serviceaccount
      curl -sS --cacert $folder/ca.crt -H "Authorization: Bearer $(cat $folder/token)" \\
        https://kubernetes.default.svc/api/v1/namespaces/default/pods
"""

# What a pod is given, in the order of its containers; the second's first start fails.
WHOLE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {greeting: hello}
---
apiVersion: v1
kind: Pod
metadata: {name: whole, labels: {app: whole}}
spec:
  terminationGracePeriodSeconds: 2
  volumes:
  - {name: shared, emptyDir: {}}
  - {name: settings, configMap: {name: settings}}
  initContainers:
  - name: first
    image: ghcr.io/meshctl/debug
    command: [sh, -c, "echo first >> /shared/order"]
    volumeMounts: [{name: shared, mountPath: /shared}]
  - name: sidecar
    image: ghcr.io/meshctl/debug
    restartPolicy: Always
    command: [sh, -c, "echo sidecar >> /shared/order; trap 'exit 0' TERM; sleep infinity & wait"]
    startupProbe: {exec: {command: [grep, sidecar, /shared/order]}, periodSeconds: 1}
    volumeMounts: [{name: shared, mountPath: /shared}]
  containers:
  - name: main
    image: ghcr.io/meshctl/debug
    env:
    - {name: GREETING, valueFrom: {configMapKeyRef: {name: settings, key: greeting}}}
    command: [sh, -c]
    args:
    - |
      echo main $GREETING >> /shared/order
      test $(grep -c main /shared/order) = 2 || exit 3
      echo $(cat /shared/order)
      until grep goodbye /settings/greeting; do sleep 0.1; done
      trap 'exit 0' TERM
      sleep infinity & wait
    readinessProbe: {exec: {command: [grep, goodbye, /settings/greeting]}, periodSeconds: 1}
    volumeMounts:
    - {name: shared, mountPath: /shared}
    - {name: settings, mountPath: /settings}
"""


def run(root: Path, no_pods: bool, build: Path) -> int:
    """All checks; those that this machine cannot do are said to be left out."""
    _unit_tests()
    if shutil.which("kubectl") is None:
        print("SKIPPED: there is no kubectl in PATH. The API has been tried by unit tests alone.")
        return 0
    _check("the API without pods", root, ["--no-pods"], _api)
    if no_pods:
        return 0
    if not can_run_pods():
        print("SKIPPED: pods take root and namespaces. No pod has been run.")
        return 0
    _check("the cluster with pods", root, ["--build", str(build)], _pods)
    return 0


def _unit_tests() -> None:
    folder = Path(__file__).parent / "tests"
    suite = unittest.TestLoader().discover(str(folder), "test_*.py", str(folder.parent.parent))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(suite)
    if not result.wasSuccessful() or result.testsRun == 0:
        raise BenchError("self-test: a unit test has failed")


def _check(
    title: str, root: Path, words: list[str], steps: Callable[[Path, Kubectl], None]
) -> None:
    print(f"{title}:", flush=True)
    with tempfile.TemporaryDirectory(prefix="testcluster-test-") as folder:
        kubeconfig = Path(folder) / "kubeconfig"
        with _started(root, [*words, "--kubeconfig", str(kubeconfig)]):
            steps(root, Kubectl(kubeconfig, Path(folder)))
        _expect(not kubeconfig.exists(), "after SIGTERM nothing is left behind")


@contextmanager
def _started(root: Path, words: list[str]) -> Iterator[None]:
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-B", str(root / "Scripts/testcluster"), *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    complaints: list[str] = []
    reader = threading.Thread(
        target=lambda: complaints.extend(process.stderr or ()), daemon=True
    )
    reader.start()
    try:
        for line in process.stdout:
            if line == "ready\n":
                break
        took = time.monotonic() - begun
        _expect(process.poll() is None and took < START_SECONDS, f"it is up after {took:.2f} s"
                f" of {START_SECONDS:g} s at most", complaints)
        yield
    except BaseException:
        print("".join(complaints), file=sys.stderr)
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
        reader.join(5)
    if code != 0 or any("Traceback" in line for line in complaints):
        raise BenchError(f"self-test: it ended with {code}: {''.join(complaints)}")


def _expect(holds: bool, what: str, complaints: list[str] | None = None) -> None:
    if not holds:
        raise BenchError(f"self-test: it does not hold that {what} {''.join(complaints or [])}")
    print(f"  ok  {what}", flush=True)


class Kubectl:
    """kubectl as it is found, with a home of its own."""

    def __init__(self, kubeconfig: Path, home: Path) -> None:
        self._variables = {
            "PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": str(kubeconfig)
        }

    def __call__(self, *words: str, text: str | None = None, code: int = 0) -> str:
        """What it writes to both its outputs; its exit code has to be this one."""
        done = subprocess.run(
            ["kubectl", *words], input=text, capture_output=True, text=True,
            env=self._variables, check=False, timeout=WAIT_SECONDS * 2,
        )
        output = done.stdout + done.stderr
        if done.returncode != code:
            raise BenchError(f"self-test: kubectl {' '.join(words)}: {done.returncode}: {output}")
        return output

    def watch(self, *words: str) -> subprocess.Popen[str]:
        """One that goes on beside others."""
        return subprocess.Popen(
            ["kubectl", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, env=self._variables,
        )

    def pods(self, labels: str) -> list[str]:
        """The names of pods that are not on their way out."""
        text = self("get", "pods", "-l", labels, "-o", "json")
        return [
            each["metadata"]["name"] for each in json.loads(text)["items"]
            if "deletionTimestamp" not in each["metadata"]
        ]


def _api(root: Path, kubectl: Kubectl) -> None:
    """What needs no pods."""
    manifest = str(root / "Fixtures/webapp.yaml")
    said = kubectl("apply", "--dry-run=server", "-f", manifest)
    _expect(said.count("created (server dry run)") == 2, "apply --dry-run=server creates")
    _expect("No resources" in kubectl("get", "deployments"), "a dry run leaves nothing")
    kubectl("apply", "-f", manifest)
    _expect(kubectl("apply", "-f", manifest).count("unchanged") == 2, "apply finds no change")
    kubectl("diff", "-f", manifest)
    text = Path(manifest).read_text().replace("replicas: 2", "replicas: 3")
    said = kubectl("diff", "-f", "-", text=text, code=1)
    _expect("+  replicas: 3" in said, "diff shows what apply would do")
    said = kubectl("apply", "--server-side", "-f", "-", text=text, code=1)
    _expect('conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas' in said,
            "server-side apply respects other managers")
    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=text)
    kubectl("rollout", "restart", "deployment/webapp")
    said = kubectl("rollout", "history", "deployment/webapp")
    _expect("\n2 " in said, "rollout history has the second revision")
    said = kubectl("apply", "-f", "-", text=text.replace("replicas:", "replica:"), code=1)
    _expect('unknown field "spec.replica"' in said, "a field that is not known is refused")
    kubectl("create", "namespace", "other")
    kubectl("create", "serviceaccount", "reading", "-n", "other")
    kubectl("create", "role", "reader", "--verb=get", "--resource=pods", "-n", "other")
    kubectl("create", "rolebinding", "reading", "--role=reader",
            "--serviceaccount=other:reading", "-n", "other")
    reading = ("--as=system:serviceaccount:other:reading", "-n", "other")
    _expect(kubectl("auth", "can-i", "get", "pods", *reading).strip() == "yes", "a role allows")
    _expect("cannot list resource" in kubectl("get", "secrets", *reading, code=1), "and only that")
    kubectl("delete", "namespace", "other")
    kubectl("delete", "-f", manifest, "--wait")
    deadline = time.monotonic() + WAIT_SECONDS
    while kubectl.pods("app") and time.monotonic() < deadline:
        time.sleep(0.05)
    _expect(not kubectl.pods("app"), "pods go with their deployment")


def _pods(root: Path, kubectl: Kubectl) -> None:
    """An application that runs, and that is replaced while it is used."""
    kubectl("apply", "-f", str(root / "Fixtures/webapp.yaml"))
    kubectl("apply", "-f", "-", text=SERVICE)
    kubectl("rollout", "status", "deployment/users-api", f"--timeout={WAIT_SECONDS}s")
    kubectl("rollout", "status", "deployment/webapp", f"--timeout={WAIT_SECONDS}s")
    before = kubectl.pods("app=users-api")
    _expect(len(before) == 2, "the example runs")
    said = kubectl("exec", "deployment/webapp", "--", "curl", "-sS", f"http://{HOST}")
    _expect("Server name: users-api-" in said, f"kubectl exec webapp -- curl http://{HOST}")
    said = kubectl("exec", "deployment/webapp", "--", "sh", "-c", "exit 3", code=3)
    _expect("exit code 3" in said, "kubectl exec ends as its command does")
    kubectl("apply", "-f", "-", text=CLIENT)
    kubectl("apply", "-f", "-", text=NAMES)
    kubectl("wait", "--for=condition=Ready", "pod/client", f"--timeout={WAIT_SECONDS}s")
    _await_answers(kubectl, before)
    with _watched(kubectl) as seen:
        kubectl("rollout", "restart", "deployment/users-api")
        kubectl("rollout", "status", "deployment/users-api", f"--timeout={WAIT_SECONDS}s")
        deadline = time.monotonic() + WAIT_SECONDS
        while set(kubectl.pods("app=users-api")) & set(before) and time.monotonic() < deadline:
            time.sleep(0.05)
        after = kubectl.pods("app=users-api")
        _expect(len(after) == 2 and not set(after) & set(before), "rollout restart replaces them")
        _await_answers(kubectl, after)
    _expect(bool(seen) and min(seen) >= 2, f"both replicas were available throughout ({seen})")
    log = kubectl("logs", "client")
    bad = [line for line in log.splitlines() if "Server name" not in line]
    _expect("FAILED" not in bad, f"none of {log.count('Server name')} requests by name failed"
            " meanwhile", bad[-5:])
    kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/names",
            f"--timeout={WAIT_SECONDS}s")
    log = kubectl("logs", "names")
    _expect("10.96." in log, "a service's short name is its virtual address")
    _expect('"system:serviceaccount:default:default\\" cannot list' in log,
            "a pod is its service account to the API server")
    _whole(kubectl)
    kubectl("delete", "-f", str(root / "Fixtures/webapp.yaml"))
    kubectl("delete", "pod", "client", "--grace-period=1")


def _whole(kubectl: Kubectl) -> None:
    """The containers of a pod, and what it is given."""
    kubectl("apply", "-f", "-", text=WHOLE)
    words = "first sidecar main hello main hello"
    deadline = time.monotonic() + WAIT_SECONDS
    log = ""
    while words not in log and time.monotonic() < deadline:
        time.sleep(0.1)
        log = kubectl("logs", "whole", "-c", "main")
    _expect(words in log, "init containers, sidecar and application start in order, and again")
    state = json.loads(kubectl("get", "pod", "whole", "-o", "json"))["status"]
    main = state["containerStatuses"][0]
    _expect((main["restartCount"], main["ready"]) == (1, False) and main["lastState"][
        "terminated"]["exitCode"] == 3, "the status tells the restart, and that it is not ready")
    kubectl("patch", "configmap", "settings", "-p", '{"data":{"greeting":"goodbye"}}')
    kubectl("wait", "--for=condition=Ready", "pod/whole", f"--timeout={WAIT_SECONDS}s")
    _expect(True, "a volume follows its config map, and the readiness probe sees it")
    kubectl("delete", "pod", "whole")


def _await_answers(kubectl: Kubectl, names: list[str]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        lines = kubectl("logs", "client", "--tail=40").splitlines()
        if all(any(name in line for line in lines) for name in names):
            break
        time.sleep(0.1)
    _expect(all(any(name in line for line in lines) for name in names),
            f"curl http://{HOST} is answered by each of the pods")


@contextmanager
def _watched(kubectl: Kubectl) -> Iterator[list[int]]:
    """How many replicas are available, at each change of the deployment."""
    seen: list[int] = []
    process = kubectl.watch(
        "get", "deployment/users-api", "--watch", "--output-watch-events=false",
        "-o", "jsonpath={.status.availableReplicas}{\"\\n\"}",
    )

    def read() -> None:
        for line in process.stdout or ():
            seen.append(int(line.strip() or 0))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield seen
    finally:
        process.terminate()
        process.wait(5)
        reader.join(5)
