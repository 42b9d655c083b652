"""Every page in every state: who sees it, and how one gets there.

A new page needs a line here: `test_every_page_has_a_scene` fails until it has one, or a reason in ELSEWHERE.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

AN_IDEA = {"title": "Ein Wasserspender am Dom", "body": "An heißen Tagen gibt es auf dem Platz nirgends Wasser.",
           "benefit": "Wer durstig ist, trinkt, ohne etwas kaufen zu müssen.", "field": "mobility-environment-urban"}
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsfeierlichkeit " * 3


@dataclass(frozen=True, slots=True)
class Scene:
    """A page in a state. `path` stands behind the language ("/dev/…" behind none) and holds names of the world in
    braces. `sends` is a part of the action of a form on that page, which is filled in with `fills` and sent by the
    button that `presses` names (a CSS selector); `opens` is what is pressed to be seen. `tree`: its accessibility
    tree is kept. A "visitor" is a guest who has been here before."""

    name: str
    path: str
    who: str = "guest"
    site: str = "full"
    sends: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)
    presses: str = "[type=submit]"
    opens: str = ""
    status: int = 200
    tree: bool = False


def _refused(name: str, path: str, sends: str, who: str = "guest", status: int = 422, /, **fills: str) -> Scene:
    """A form that is sent back, with its summary of what is wrong."""
    return Scene(name, path, who, sends=sends, status=status, fills=fills)


SCENES = (
    # For everyone
    Scene("home", "/", tree=True),
    Scene("home, languages open", "/", opens=".languages summary"),
    Scene("home, empty", "/", site="empty"),
    Scene("home, signed in", "/", "resident"),
    Scene("home, staff", "/", "admin"),
    Scene("ideas", "/ideas", tree=True),
    Scene("ideas, a search", "/ideas?q=bank&sort=supported"),
    Scene("ideas, narrowed down", "/ideas?field=mobility-environment-urban&sort=discussed"),
    Scene("ideas, nothing found", "/ideas?q=gibtesnicht"),
    Scene("ideas, a hostile search", "/ideas?q=%3Cb%3E" + "x" * 100),
    Scene("ideas, empty", "/ideas", site="empty"),
    Scene("idea", "/ideas/{open}", tree=True),
    Scene("idea, signed in", "/ideas/{open}", "resident"),
    Scene("idea, answering a comment", "/ideas/{hostile}?answer={hostile_comment}", "resident"),
    Scene("idea, as moderator", "/ideas/{open}", "moderator"),
    Scene("idea, hostile", "/ideas/{hostile}"),
    Scene("idea, in Arabic", "/ideas/{arabic}", tree=True),
    Scene("idea, gathering fast", "/ideas/{rush}"),
    Scene("idea, done", "/ideas/{done}"),
    Scene("idea, declined", "/ideas/{declined}"),
    Scene("idea, merged", "/ideas/{merged}"),
    Scene("idea, in the pool, long", "/ideas/{record_long}"),
    Scene("idea, one's own", "/ideas/{mine_public}", "resident"),
    _refused("comment refused", "/ideas/{open}", "/comments", "resident", body="x"),
    Scene("map", "/ideas/map", tree=True),
    Scene("map, empty", "/ideas/map", site="empty"),
    Scene("poster of an idea", "/ideas/{open}/poster"),
    Scene("poster of a long idea", "/ideas/{hostile}/poster"),
    Scene("poster of a field", "/poster?field=mobility-environment-urban"),
    Scene("poster", "/poster"),
    Scene("translate an idea", "/ideas/{open}/translate", "resident"),
    _refused("translation refused", "/ideas/{open}/translate", "/translate", "resident"),
    Scene("translate one's own idea", "/ideas/follow/{public_token}/translate"),
    Scene("accessibility", "/accessibility"),
    _refused("accessibility, message refused", "/accessibility", "/accessibility", email="nobody"),
    Scene("barriers", "/accessibility/reported", "admin"),
    Scene("barriers, none", "/accessibility/reported", "admin", site="empty"),
    Scene("offline", "/offline"),
    Scene("projects", "/projects", tree=True),
    Scene("projects, empty", "/projects", site="empty"),
    Scene("project", "/projects/{project}"),
    Scene("paper", "/paper"),
    Scene("decisions", "/decisions"),
    Scene("decisions, empty", "/decisions", site="empty"),
    Scene("transparency", "/transparency"),
    Scene("transparency, empty", "/transparency", site="empty"),
    Scene("mail of the test site", "/dev/mail"),
    Scene("mail of the test site, empty", "/dev/mail", site="empty"),
    Scene("letter", "/dev/mail/{letter}"),
    # Proposing
    Scene("propose", "/ideas/new", tree=True),
    Scene("propose, signed in", "/ideas/new", "resident"),
    _refused("propose, empty", "/ideas/new", "/ideas/new"),
    _refused("propose, too long", "/ideas/new", "/ideas/new", title=LONG),
    Scene("propose, ideas alike", "/ideas/new", "visitor", sends="/ideas/new",
          fills={"title": "Wartezeit im Bürgeramt live im Netz zeigen"}),
    Scene("propose, begun before", "/ideas/new", "visitor"),
    Scene("propose, what changes", "/ideas/new?step=body"),
    _refused("propose, what changes, refused", "/ideas/new?step=body", "/ideas/new", body="x"),
    Scene("propose, who gains", "/ideas/new?step=benefit"),
    Scene("propose, where", "/ideas/new?step=where"),
    _refused("propose, several things missing", "/ideas/new?step=where", "/ideas/new", "visitor", title="x"),
    Scene("propose, preview", "/ideas/new?step=where", "visitor", sends="/ideas/new", fills=AN_IDEA, tree=True),
    Scene("propose, thanks", "/ideas/thanks/{mine}", "resident"),
    Scene("followed by its author", "/ideas/follow/{mine_token}", tree=True),
    Scene("followed, returned", "/ideas/follow/{returned_token}"),
    Scene("followed, a change waits", "/ideas/follow/{public_token}"),
    Scene("change an idea", "/ideas/follow/{returned_token}/change"),
    _refused("change refused", "/ideas/follow/{returned_token}/change", "/change", title="x"),
    Scene("withdraw an idea", "/ideas/follow/{mine_token}/withdraw"),
    # Signing in
    Scene("sign in", "/sign-in", tree=True),
    _refused("sign in, no address", "/sign-in", "/sign-in", email="not an address"),
    Scene("sign in, the code", "/sign-in", sends="/sign-in", fills={"email": "somebody@example.org"}, tree=True),
    Scene("sign in by link", "/sign-in/link/{link}"),
    Scene("sign in by link, spent", "/sign-in/link/1.x", sends="/sign-in/link/", status=404),
    # Mine
    Scene("my page", "/me", "resident", tree=True),
    Scene("my page, nothing yet", "/me", "new"),
    Scene("my ideas", "/me/ideas", "resident"),
    Scene("my ideas, none", "/me/ideas", "new"),
    Scene("what I support", "/me/supported", "resident"),
    Scene("what I support, nothing", "/me/supported", "new"),
    Scene("what is kept about me", "/me/data", "resident"),
    Scene("my comments", "/me/comments", "resident"),
    Scene("my comments, none", "/me/comments", "new"),
    Scene("my comment", "/me/comments/{said}", "resident"),
    Scene("my comment, returned", "/me/comments/{said_back}", "resident"),
    _refused("my comment refused", "/me/comments/{said}", "/me/comments/", "resident", body=""),
    Scene("what I follow", "/me/following", "resident"),
    Scene("what I follow, nothing", "/me/following", "new"),
    Scene("settings", "/me/settings", "resident"),
    _refused("settings refused", "/me/settings", "/me/settings", "resident", name=LONG),
    Scene("unfollow", "/unfollow/{unfollow}"),
    # Reports and statements of reasons
    Scene("report", "/ideas/{open}/report"),
    _refused("report refused", "/ideas/{open}/report", "/report", email="nobody"),
    Scene("receipt of a report", "/reports/{receipt}"),
    Scene("statement of reasons", "/statements/{statement}"),
    Scene("statement, appealed", "/statements/{appealed}"),
    _refused("appeal refused", "/statements/{statement}", "/appeal", body="x"),
    # Trouble
    Scene("nothing here", "/nothing", status=404),
    Scene("no such idea", "/ideas/MZ-2020-99999", status=404),
    Scene("not for this account", "/moderation/", "resident", status=403),
    Scene("too often", "/?trouble=429", status=429),
    Scene("broken", "/?trouble=500", status=500),
    Scene("a break", "/?trouble=503", status=503),
    Scene("stale form", "/ideas/new", sends="/ideas/new", fills={"csrf_token": "stale", "title": LONG, "body": LONG},
          status=400),
    # Moderation
    Scene("queue", "/moderation/", "moderator", tree=True),
    Scene("queue, narrowed down", "/moderation/?kind=comment", "moderator"),
    Scene("queue, empty", "/moderation/", "moderator", site="empty"),
    Scene("deciding on an idea", "/moderation/ideas/{waiting}", "moderator", tree=True),
    Scene("deciding, held by a colleague", "/moderation/ideas/{waiting}", "second"),
    Scene("deciding on a comment", "/moderation/comments/{comment}", "moderator"),
    Scene("deciding on a change", "/moderation/edits/{edit}", "moderator"),
    Scene("deciding on a report", "/moderation/reports/{report}", "moderator"),
    Scene("deciding on an appeal", "/moderation/appeals/{appeal}", "moderator"),
    Scene("deciding, already published", "/moderation/ideas/{hostile}", "moderator"),
    Scene("deciding refused", "/moderation/ideas/{waiting}", "moderator", sends="/moderation/ideas/", status=422),
    Scene("deciding for many", "/moderation/", "moderator", sends="/bulk/choose", fills={"entries": "on"}),
    Scene("deciding for many, none chosen", "/moderation/", "moderator", sends="/bulk/choose", status=422),
    Scene("deciding for many, progress", "/moderation/bulk/{bulk}", "moderator"),
    Scene("translations to look at", "/moderation/translations", "moderator"),
    Scene("translations to look at, none", "/moderation/translations", "moderator", site="empty"),
    Scene("translation to look at", "/moderation/translations/{offer}", "moderator"),
    Scene("translation, turned down without a word", "/moderation/translations/{offer}", "moderator",
          sends="/moderation/translations/", presses="[name=then][value=refuse]", status=422),
    Scene("keys", "/moderation/keys", "moderator"),
    Scene("absence", "/moderation/absence", "moderator"),
    Scene("enter an idea", "/moderation/enter", "moderator"),
    _refused("enter refused", "/moderation/enter", "/moderation/enter", "moderator", title="x"),
    Scene("enter a workshop", "/moderation/enter/workshop", "moderator"),
    _refused("enter a workshop, refused", "/moderation/enter/workshop", "/enter/workshop", "moderator"),
    # The pool
    Scene("inbox", "/pool/", "cdo", tree=True),
    Scene("inbox, nothing found", "/pool/?q=gibtesnicht", "cdo"),
    Scene("inbox, empty", "/pool/", "cdo", site="empty"),
    Scene("record", "/pool/{record}", "cdo"),
    Scene("record, new", "/pool/{fresh}", "cdo", tree=True),
    Scene("record, long", "/pool/{record_long}", "cdo"),
    _refused("answer refused", "/pool/{fresh}", "/pool/", "cdo"),
    Scene("prepare an answer", "/pool/{fresh}/answer", "cdo"),
    _refused("prepare refused", "/pool/{fresh}/answer", "/answer", "cdo"),
    Scene("checks", "/pool/{fresh}/checks", "cdo"),
    _refused("checks refused", "/pool/{fresh}/checks", "/checks", "cdo"),
    Scene("history", "/pool/{record}/history", "cdo"),
    _refused("remark refused", "/pool/{record}/history", "/remark", "cdo"),
    Scene("project of a record", "/pool/{fresh}/project", "cdo"),
    Scene("project of a record, there", "/pool/{record}/project", "cdo"),
    Scene("rating", "/pool/{rated}/rating", "cdo"),
    Scene("rating, the first", "/pool/{unrated}/rating", "cdo"),
    _refused("rating refused", "/pool/{unrated}/rating", "/rating", "cdo"),
    Scene("translations of a record", "/pool/{record}/translations", "cdo"),
    Scene("prepared answers", "/pool/answers", "cdo"),
    Scene("prepared answers, none", "/pool/answers", "cdo", site="empty"),
    Scene("delivery", "/pool/delivery", "cdo"),
    Scene("reconciliation", "/pool/delivery/reconciliation", "cdo"),
    Scene("reconciliation, nothing yet", "/pool/delivery/reconciliation", "cdo", site="empty"),
    Scene("figures", "/pool/figures", "cdo"),
    Scene("figures, empty", "/pool/figures", "cdo", site="empty"),
    Scene("meeting", "/pool/meeting", "cdo"),
    Scene("portfolio", "/pool/portfolio", "cdo"),
    Scene("portfolio, empty", "/pool/portfolio", "cdo", site="empty"),
    Scene("ranking", "/pool/ranking", "cdo"),
    Scene("ranking, empty", "/pool/ranking", "cdo", site="empty"),
    Scene("the office's projects", "/pool/projects", "cdo"),
    Scene("the office's projects, none", "/pool/projects", "cdo", site="empty"),
    Scene("the office's project", "/pool/projects/{project}", "cdo"),
    _refused("milestone refused", "/pool/projects/{project}", "/milestones", "cdo"),
    Scene("edit a project", "/pool/projects/{project}/edit", "cdo"),
    _refused("edit refused", "/pool/projects/{project}/edit", "/edit", "cdo", title=""),
    Scene("milestone", "/pool/projects/{project}/milestones/{milestone}", "cdo"),
    Scene("programs", "/pool/tokens", "admin"),
    Scene("programs, none", "/pool/tokens", "admin", site="empty"),
    _refused("program refused", "/pool/tokens", "/tokens", "admin"),
    Scene("revoke a program", "/pool/tokens/{token}", "admin"),
    Scene("translating", "/pool/translations", "cdo"),
    Scene("translating, nothing", "/pool/translations", "cdo", site="empty"),
)

# Addresses for people that are no page to look at, each with the reason.
ELSEWHERE = {
    "language.choose": "leads to home",
    "taking_part.back": "leads to the idea",
    "following.back": "leads to the idea",
    "signing_in.code": "a scene sends the form before it",
    "moderation.following": "leads to an entry",
    "moderation.bulk_back": "leads to the queue",
    "desk.work_back": "leads to the history",
    "desk.views_back": "leads to the inbox",
    "desk.project_back": "leads to the project of a record",
    "desk.milestones_back": "leads to the project",
    "answering.statement_back": "leads to the statement",
    "style.show": "parts side by side, whose pictures are compared (tests/journeys/test_style.py)",
    "translating.back": "leads to the translation",
    "moderation.hold_back": "leads to the entry",
    "short.idea_of": "leads to the idea",
    "short.new": "leads to proposing",
    "short.new_in": "leads to proposing",
    "proposing.alike": "a part of a page, which a script asks for",
    "offline_root.worker": "a script",
    "map.ideas": "for programs",
    "map_files.districts": "for programs",
    "cards.city": "a picture",
    "cards.idea": "a picture",
    "cards.project": "a picture",
    "me.data_file": "a file",
    "feeds.ideas": "for programs",
    "feeds.idea": "for programs",
    "desk.figures_file": "a file",
    "desk.ranking_file": "a file",
    "desk.download": "a file",
    "openness.transparency_file": "a file",
}
MACHINES = ("api.", "openness_api.", "assets.", "health.")
