"""The two pages of the authorization server. Plain HTML with a stylesheet of its own; no script."""

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
<p class="brand">RingCentral <span>sandbox</span></p>
{content}
</main>
</body>
</html>
"""


def consent(company: str, query: str, scopes: tuple[str, ...]) -> str:
    """The login and consent form; it posts back to the same address, query included."""
    permissions = "\n".join(f"<li><code>{escape(scope)}</code></li>" for scope in scopes)
    content = f"""<h1>Sign in to {escape(company)}</h1>
<form method="post" action="?{escape(query)}">
<label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password">
<h2>The application is allowed to use</h2>
<ul>
{permissions}
</ul>
<div class="buttons">
<button name="decision" value="allow">Sign in and authorize</button>
<button name="decision" value="deny" class="quiet">Cancel</button>
</div>
</form>"""
    return _SHELL.format(title=f"Sign in to {escape(company)}", content=content)


def refusal(message: str) -> str:
    """What the user sees where a redirect could lead anywhere."""
    content = f'<h1>This request can\'t be trusted</h1>\n<p role="alert">{escape(message)}</p>'
    return _SHELL.format(title="Request refused", content=content)
