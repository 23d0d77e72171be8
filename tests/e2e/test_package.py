#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The package as a file: what is in it, what lintian says, how exposed its units are, and that its manual names all
there is. Runs on this machine; installs nothing."""
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import base

EXPOSURE = {None: 2.0, "no-bpf": 1.5, "namespaces": 2.2, "no-capabilities": 0.8, "webhook": 2.2}  # with which drop-in: at most
RELAY_EXPOSURE = 1.5
SUBCOMMANDS = re.compile(r"^  ([a-z]+) ", re.M)
OPTION = re.compile(r"^  (?:-\w,)?(--[a-z][a-z.-]+)", re.M)


def output_of(*command, check=True):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0 or not check, done.stdout
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.file = base.package()
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="sockwatch-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        output_of("dpkg-deb", "--extract", cls.file, cls.root)

    def run_program(self, name, *arguments):
        return output_of(next(self.root.glob(f"usr/*bin/{name}")), *arguments, check=False)

    def manual(self, page, language=""):
        section = page.rpartition(".")[2]
        path = self.root / "usr/share/man" / language / f"man{section}" / f"{page}.gz"
        text = output_of("man", "--encoding=UTF-8", "-l", path) if shutil.which("man") else output_of("zcat", path)
        return re.sub(r"\x1b\[[0-9;]*m|.\x08|[‐]\n\s*|\\", "", text).replace("−", "-").replace("‐", "-")

    def test_lintian_has_nothing_to_say(self):
        if not shutil.which("lintian"):
            self.skipTest("needs lintian")
        files = [self.file, *base.PACKAGES.glob("sockwatch-dbgsym_*.deb")]
        self.assertEqual(output_of("lintian", "--allow-root", "--fail-on=none", *files), "")

    def test_files_are_where_they_belong(self):
        for path in ("etc/sockwatch/sockwatch.toml", "etc/sockwatch/conf.d", "etc/sockwatch/policy.d",
                     "lib/systemd/system/sockwatch.service", "lib/systemd/system/sockwatch.socket",
                     "lib/systemd/system/sockwatch-journal.service", "lib/systemd/system/sockwatch-journal.socket",
                     "usr/libexec/sockwatch/sockwatch-journal",
                     "usr/lib/sysusers.d/sockwatch.conf", "usr/lib/systemd/catalog/sockwatch.catalog",
                     "usr/lib/systemd/catalog/sockwatch.ja.catalog", "usr/sbin/sockwatchd", "usr/bin/sockwatch",
                     "usr/share/bash-completion/completions/sockwatch", "usr/share/zsh/vendor-completions/_sockwatch",
                     "usr/share/fish/vendor_completions.d/sockwatch.fish", "usr/share/doc/sockwatch/copyright",
                     "usr/share/doc/sockwatch/examples/no-capabilities.conf",
                     "usr/share/doc/sockwatch/examples/prometheus.yml", "usr/share/sockwatch/rules"):
            self.assertTrue((self.root / path).exists(), path)
        conffiles = output_of("dpkg-deb", "--info", self.file, "conffiles").split()
        installed = [f"/{path.relative_to(self.root)}" for path in self.root.glob("etc/**/*") if path.is_file()]
        self.assertEqual(sorted(conffiles), sorted(installed))

    def test_programs_are_hardened(self):
        for name in ("usr/sbin/sockwatchd", "usr/bin/sockwatch", "usr/libexec/sockwatch/sockwatch-journal"):
            dynamic = output_of("readelf", "--wide", "--dynamic", "--program-headers", self.root / name)
            for word in ("PIE", "BIND_NOW", "GNU_RELRO"):
                self.assertIn(word, dynamic, name)
            self.assertRegex(dynamic, r"GNU_STACK .* RW ")

    def test_bill_of_materials_is_this_package_s_and_names_what_it_depends_on(self):
        bill = json.loads((base.PACKAGES / "sockwatch.cdx.json").read_text())
        self.assertEqual(bill["metadata"]["component"]["hashes"][0]["content"],
                         hashlib.sha256(self.file.read_bytes()).hexdigest())
        linkage = {part["name"]: part["properties"][0]["value"] for part in bill["components"]}
        depends = base.dependencies()
        for name in [name for name, how in linkage.items() if how == "dynamic"]:
            self.assertTrue(any(dependency.startswith(name) for dependency in depends), name)
        for dependency in set(depends) - {"systemd"}:
            self.assertTrue(any(dependency.startswith(name) for name in linkage), dependency)
        self.assertEqual(linkage["nlohmann-json3-dev"], "compiled in")

    def test_rules_are_those_of_the_source(self):
        name = "rules/sockwatch.rules.yml"
        self.assertEqual((self.root / "usr/share/sockwatch" / name).read_text(),
                         (base.REPOSITORY / "packaging/prometheus" / name).read_text())

    def exposure(self, unit, drop_in=None):
        with tempfile.TemporaryDirectory() as root:
            folder = pathlib.Path(root, "etc/systemd/system")
            shutil.copytree(self.root / "lib/systemd/system", folder)
            if drop_in:
                (folder / f"{unit}.d").mkdir()
                shutil.copy(drop_in, folder / f"{unit}.d")
            said = output_of("systemd-analyze", "security", "--no-pager", "--offline=true", f"--root={root}", unit,
                             check=False)
        level = float(re.search(rf"Overall exposure level for {unit}: ([\d.]+)", said)[1])
        print(f"exposure of {unit}: {level} with {drop_in.stem if drop_in else 'nothing added'}")
        return level

    def test_units_are_as_little_exposed_as_promised(self):
        examples = {path.stem: path for path in self.root.glob("usr/share/doc/sockwatch/examples/*.conf")}
        self.assertEqual({*examples, None}, set(EXPOSURE))
        for name, limit in EXPOSURE.items():
            with self.subTest(drop_in=name):
                self.assertLessEqual(self.exposure("sockwatch.service", examples.get(name)), limit)
        self.assertLessEqual(self.exposure("sockwatch-journal.service"), RELAY_EXPOSURE)

    def words_of_the_tool(self, *subcommand):
        """Its subcommands and their options, all the way down."""
        said = self.run_program("sockwatch", *subcommand, "--help")
        words = set(OPTION.findall(said)) if subcommand else set()
        for name in SUBCOMMANDS.findall(said.partition("Subcommands:")[2].partition("\n\n")[0]):
            words |= {name} | self.words_of_the_tool(*subcommand, name)
        return words

    def test_manual_names_every_option_and_subcommand(self):
        options = set(OPTION.findall(self.run_program("sockwatchd", "--help"))) | {"--help"}
        wanted = self.words_of_the_tool()
        for language in ("", "ja"):
            for page, words in (("sockwatchd.8", options), ("sockwatch.1", wanted)):
                with self.subTest(page=page, language=language):
                    text = self.manual(page, language)
                    self.assertEqual(sorted(word for word in words if word not in text), [])
                    extra = set(re.findall(r"(?<![\w-])--[a-z][a-z.-]*[a-z]", text)) - words
                    self.assertLessEqual(extra, {"--version", "--record", "--unix-socket", "--now"} | words)

    def test_manual_names_every_key(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "sockwatch.toml")
            config.touch()
            settings = self.run_program("sockwatchd", "--config", config, "--print-config")
        keys = set(re.findall(r"^(\w+) = ", settings, re.M))
        self.assertGreater(len(keys), 10)
        rule_keys = json.loads(self.run_program("sockwatchd", "--describe"))["rule_keys"]
        for language in ("", "ja"):
            for page, words in (("sockwatch.toml.5", keys), ("sockwatch-policy.5", rule_keys)):
                with self.subTest(page=page, language=language):
                    text = self.manual(page, language)
                    self.assertEqual([word for word in words if not re.search(rf"\b{word}\b", text)], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
