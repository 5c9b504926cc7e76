"""The site of these pages and of the API reference; ``script/docs`` builds it.

Law: every warning is an error. A page outside the navigation, a link that leads nowhere, a picture
that is missing, or a docstring that cannot be read ends the build.
"""

import re
from typing import Any, Final

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python._object import PyObject
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from gameserver import __version__

project = "gameserver"
author = "The gameserver authors"
copyright = author  # noqa: A001  Sphinx's name for it
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

# --- pages -------------------------------------------------------------------------------------

# Headings are link targets under the names that repository hosts give them.
myst_heading_anchors = 4
# Hosts of repositories draw these diagrams; here they are tables, which need no script.
myst_fence_as_directive = ["mermaid"]

# --- docstrings --------------------------------------------------------------------------------

# `Name` in a docstring is a link where the reference has such a name, and code where it has not.
default_role = "py:obj"
toc_object_entries_show_parents = "hide"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
python_maximum_signature_line_length = 110
python_use_unqualified_type_names = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("When full", "notes"), ("Law", "notes"), ("Source", "notes")]

# --- site --------------------------------------------------------------------------------------

ACCENTED: Final = ("color-brand-primary", "color-brand-content", "color-api-name")

html_theme = "furo"
html_title = f"gameserver {__version__}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": dict.fromkeys(ACCENTED, "#0f766e"),
    "dark_css_variables": dict.fromkeys(ACCENTED, "#2dd4bf"),
}
pygments_style = "friendly"
pygments_dark_style = "monokai"


def point_to_page_of_file(app: Sphinx, document: nodes.document) -> None:
    """Let a link to a file such as ``CHANGELOG.md`` lead to the page that includes it."""
    for link in document.findall(pending_xref):
        page = link["reftarget"].lower().removesuffix(".md")
        if link["reftype"] == "myst" and page in app.env.found_docs:
            link.attributes |= {"refdomain": "doc", "reftarget": page, "reftargetid": None}


def find_by_last_names(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.TextElement
) -> nodes.Node | None:
    """Link a name of Python to the one object of the reference that ends with it.

    Classes are documented where authors import them from (``gameserver.game.World``), while
    annotations name the module that defines them (``gameserver.game.world.World``).
    """
    if node.get("refdomain") != "py":
        return None
    domain = env.domains.python_domain
    wanted = node["reftarget"].lstrip("~.")
    for name in (wanted, wanted.rpartition(".")[2] if wanted.startswith("gameserver.") else ""):
        found = [full for full in domain.objects if name and f".{full}".endswith(f".{name}")]
        if len(found) == 1:
            entry = domain.objects[found[0]]
            uri = app.builder.get_relative_uri(node["refdoc"], entry.docname)
            link = nodes.reference("", "", shown, internal=True, refuri=f"{uri}#{entry.node_id}")
            link["reftitle"] = found[0]
            return link
    return None


class StateDiagram(SphinxDirective):
    """A Mermaid state diagram as a table with a row for each arrow."""

    has_content = True
    ARROW: Final = re.compile(r"(\S+) --> (\S+): (.+)")

    def run(self) -> list[nodes.Node]:
        """Return the table.

        Raises:
            docutils.utils.SystemMessage: The diagram is of another kind.
        """
        kind, *lines = [line.strip() for line in self.content if line.strip()]
        arrows = [self.ARROW.fullmatch(line) for line in lines]
        if kind != "stateDiagram-v2" or None in arrows:
            raise self.error("only state diagrams of labelled arrows can be shown")
        rows = ["| from | to | when |", "|---|---|---|"]
        rows += ["| {} | {} | {} |".format(*arrow.groups()) for arrow in arrows if arrow]
        text = "\n".join(rows).replace("[*]", "(none)")
        return self.parse_text_to_nodes(StringList(text.splitlines(), self.get_location()))


_RAW: Final[dict[tuple[str, str], list[str]]] = {}
SECTION: Final = re.compile(r"\s*[A-Z][a-z ]+:$")


def keep_attribute(
    _app: Sphinx, what: str, name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    """Keep the text of an attribute from napoleon, to which ``a: b`` is a type and a text."""
    if what in {"attribute", "data", "property"} and not any(map(SECTION.match, lines)):
        _RAW[what, name] = list(lines)


def restore_attribute(
    _app: Sphinx, what: str, name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    """Put the text back that `keep_attribute` has kept."""
    lines[:] = _RAW.pop((what, name), lines)


def mend_signature(
    _app: Sphinx, what: str, _name: str, _object: Any, _options: Any, args: str, result: str
) -> tuple[str, str] | None:
    """Show ``...`` for a default that attrs makes for each instance, no arguments for protocols."""
    if what == "class" and args == "(*args, **kwargs)":
        return "", ""
    return (args.replace(" = NOTHING", " = ..."), result) if args else None


def setup(app: Sphinx) -> None:
    """Register what this configuration adds to Sphinx."""
    app.connect("doctree-read", point_to_page_of_file)
    app.connect("missing-reference", find_by_last_names)
    # Napoleon's own priority is 500.
    app.connect("autodoc-process-docstring", keep_attribute, priority=400)
    app.connect("autodoc-process-docstring", restore_attribute, priority=600)
    app.connect("autodoc-process-signature", mend_signature)
    app.add_directive("mermaid", StateDiagram)
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"
