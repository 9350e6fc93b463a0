"Packaging for hamux_lit: everything is read from settings.ini."
import re
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup

config = ConfigParser(delimiters=["="])
config.read("settings.ini", encoding="utf-8")
cfg = config["DEFAULT"]

suffix = "_requirements"
extras = {key.removesuffix(suffix): cfg[key].split() for key in cfg if key.endswith(suffix)}
extras["all"] = sorted({r for name in cfg["all_extras"].split() for r in extras[name]})    # all that a user may want
statuses = ["1 - Planning", "2 - Pre-Alpha", "3 - Alpha", "4 - Beta", "5 - Production/Stable", "6 - Mature", "7 - Inactive"]
site = f"{cfg['doc_host']}{cfg['doc_baseurl']}"

def readme():
    "README.md with links that lead somewhere from the package index too."
    text = Path("README.md").read_text(encoding="utf-8")
    text = re.sub(r"(!\[[^]]*\]\()(?!\w+:|#)", rf"\1{cfg['git_url']}/raw/{cfg['branch']}/", text)
    return re.sub(r"((?<!!)\[[^]]*\]\()(?!\w+:|#)", rf"\1{cfg['git_url']}/blob/{cfg['branch']}/", text)

setup(
    name=cfg["lib_name"],
    version=cfg["version"],
    description=cfg["description"],
    long_description=readme(),
    long_description_content_type="text/markdown",
    author=cfg["author"],
    author_email=cfg["author_email"],
    url=cfg["git_url"],
    project_urls={"Documentation": site, "Source": cfg["git_url"], "Issues": f"{cfg['git_url']}/issues",
                  "Changelog": f"{cfg['git_url']}/blob/{cfg['branch']}/CHANGELOG.md"},
    license="Apache-2.0",
    keywords=cfg["keywords"],
    classifiers=[
        f"Development Status :: {statuses[int(cfg['status']) - 1]}",
        f"Intended Audience :: {cfg['audience']}",
        f"Natural Language :: {cfg['language']}",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        *(f"Programming Language :: Python :: {v}" for v in cfg["pythons"].split()),
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    packages=find_packages(include=[cfg["lib_name"], f"{cfg['lib_name']}.*"]),
    package_data={cfg["lib_name"]: ["*.json", "py.typed"]},
    python_requires=f">={cfg['min_python']}",
    install_requires=cfg["requirements"].split(),
    extras_require=extras,
    entry_points={
        "nbdev": [f"{cfg['lib_name']}={cfg['lib_name']}._modidx:d"],    # the docs link names to where they are defined
        "console_scripts": cfg["console_scripts"].split(),
    },
    zip_safe=False,
)
