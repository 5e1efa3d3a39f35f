"""The two pages of an authorization server. Plain HTML with a stylesheet of its own; no script."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/static/vendor-login.css">
</head>
<body>
<main>
<p class="brand">{vendor} <span>sandbox</span></p>
{content}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages in a vendor's words. `asks` stands above what the application asks to."""

    vendor: str
    log_in: str
    asks: str
    allow: str
    deny: str

    def consent(self, company: str, query: str, permissions: Iterable[str]) -> str:
        """The login and consent form; it posts back to the same address, query included. Permissions are HTML."""
        title = f"{self.log_in} to {escape(company)}"
        items = "\n".join(f"<li>{each}</li>" for each in permissions)
        content = f"""<h1>{title}</h1>
<form method="post" action="?{escape(query)}">
<label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password">
<h2>{self.asks}</h2>
<ul>
{items}
</ul>
<div class="buttons">
<button name="decision" value="allow">{self.allow}</button>
<button name="decision" value="deny" class="quiet">{self.deny}</button>
</div>
</form>"""
        return _SHELL.format(vendor=self.vendor, title=title, content=content)

    def refusal(self, message: str) -> str:
        """What the user sees where a redirect could lead anywhere."""
        content = f'<h1>This request can\'t be trusted</h1>\n<p role="alert">{escape(message)}</p>'
        return _SHELL.format(vendor=self.vendor, title="Request refused", content=content)
