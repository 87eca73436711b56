"""What docs/webhooks.md tells receivers to do works on what we send, and refuses what we did not."""

import importlib.util
import json
import re
import shutil
import subprocess
from email.message import Message
from pathlib import Path
from types import ModuleType

import pytest

from core.interface import new_uuid7, utc_now
from webhooks.secrets import make_key
from webhooks.signing import signed_headers

ROOT = Path(__file__).resolve().parents[2]
BODY = json.dumps({"type": "content.published", "data": {"title": "Café"}}).encode()


@pytest.fixture
def example() -> ModuleType:
    path = ROOT / "docs" / "examples" / "webhook_receiver.py"
    spec = importlib.util.spec_from_file_location("webhook_receiver", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_python_receiver_verifies(example: ModuleType) -> None:
    old, new = make_key("v1"), make_key("v1")
    headers = signed_headers(new_uuid7(), BODY, [new, old], utc_now())

    for key in (old, new):
        assert example.verify(key.text, headers, BODY)["data"] == {"title": "Café"}
    for forged in (
        {**headers, "webhook-id": "other"},
        {**headers, "webhook-timestamp": "1"},
        {**headers, "webhook-signature": "v1"},
        {name: value for name, value in headers.items() if name != "webhook-id"},
    ):
        with pytest.raises(ValueError, match=r"\."):
            example.verify(new.text, forged, BODY)
    # As the standard library's server gives them: what is missing is None there.
    with pytest.raises(ValueError, match="missing"):
        example.verify(new.text, Message(), BODY)
    with pytest.raises(ValueError, match="fit"):
        example.verify(make_key("v1").text, headers, BODY)
    with pytest.raises(ValueError, match="fit"):
        example.verify(new.text, headers, BODY + b" ")


def test_the_node_example_verifies(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    [code] = re.findall(r"```js\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.DOTALL)
    key = make_key("v1")
    headers = signed_headers(new_uuid7(), BODY, [make_key("v1a"), key], utc_now())
    program = tmp_path / "verify.mjs"
    program.write_text(
        f"""{code}
const [secret, headers, text] = {json.dumps([key.text, headers, BODY.decode()])};
console.log(verify(secret, headers, Buffer.from(text)).data.title);
try {{ verify(secret, headers, Buffer.from(text + " ")); }} catch (error) {{ console.log(error.message); }}
"""
    )
    done = subprocess.run([node, program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["Café", "bad signature", ""]
