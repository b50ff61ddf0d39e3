"""The newest SAM CLI validates and packages the template. `make sam` runs these tests. They need no AWS account."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.local.emulator import TEMPLATE

SAM = TEMPLATE.parents[2] / ".venv-sam" / "bin" / "sam"
REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/pixtag"
OFFLINE = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "SAM_CLI_TELEMETRY": "0",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the template and the settings of the SAM CLI, which is also the home of the user."""
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(TEMPLATE.with_name(name), tmp_path)
    return tmp_path


def run_sam(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the SAM CLI in a folder, without credentials of AWS."""
    assert SAM.exists(), "run make sam, which installs the SAM CLI"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = inherited | OFFLINE | {"HOME": str(folder)}
    return subprocess.run([SAM, *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True)


def test_sam_validates_the_template(folder: Path) -> None:
    process = run_sam(folder, "validate", "--lint")

    assert (process.returncode, "is a valid SAM Template" in process.stdout) == (0, True), process.stderr
    assert "[[W" not in process.stdout + process.stderr


def test_sam_reports_an_invalid_property(folder: Path) -> None:
    template = folder / "template.yaml"
    template.write_text(template.read_text().replace("BillingMode:", "BillingModus:"))

    process = run_sam(folder, "validate", "--lint")

    assert process.returncode != 0
    assert "'BillingModus' was unexpected" in process.stdout + process.stderr


def test_sam_packages_the_template_and_only_adds_names(folder: Path) -> None:
    options = ["--s3-bucket", "bucket", "--image-repository", REPOSITORY, "--output-template-file", "packaged.yaml"]

    process = run_sam(folder, "package", *options)

    assert process.returncode == 0, process.stderr
    template = yaml_parse((folder / "packaged.yaml").read_text())
    for name, resource in template["Resources"].items():
        assert resource["Metadata"].pop("SamResourceId") == name
        if not resource["Metadata"]:
            del resource["Metadata"]
    assert template == yaml_parse(TEMPLATE.read_text())


@pytest.mark.parametrize("stage", ["default", "test"])
def test_settings_have_the_bucket_that_a_packaged_template_needs(stage: str) -> None:
    """The names make it longer than the 51,200 bytes that CloudFormation accepts without a bucket."""
    settings = tomllib.loads(TEMPLATE.with_name("samconfig.toml").read_text())

    assert settings[stage]["deploy"]["parameters"]["resolve_s3"] is True
