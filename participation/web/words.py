"""Keys into sentences: states, moves, troubles. Below the web nobody speaks; here is what they mean.

Every sentence stands whole, so that each language can say it its own way.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

from participation.errors import Trouble


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state for people: its name, what it means, and a tone whose icon and colour go with the words."""

    name: Any
    meaning: Any
    tone: str = "info"

    @property
    def icon(self) -> str:
        """KERN's icon for the tone."""
        return {"neutral": "info"}.get(self.tone, self.tone)


STATES: dict[str, StateWords] = {
    "draft": StateWords(lazy_gettext("Draft"), lazy_gettext("Not sent yet."), "neutral"),
    "submitted": StateWords(lazy_gettext("Waiting for moderation"),
                            lazy_gettext("A moderator will read it and decide."), "warning"),
    "returned": StateWords(lazy_gettext("Question to the author"),
                           lazy_gettext("A moderator has asked the author something."), "warning"),
    "rejected": StateWords(lazy_gettext("Not published"),
                           lazy_gettext("A moderator has decided not to publish it and has given a reason."), "danger"),
    "withdrawn": StateWords(lazy_gettext("Withdrawn"), lazy_gettext("The author has taken it back."), "neutral"),
    "merged": StateWords(lazy_gettext("Merged"), lazy_gettext("It goes on together with another idea."), "neutral"),
    "published": StateWords(lazy_gettext("Gathering support"),
                            lazy_gettext("Everyone can support it and discuss it."), "info"),
    "hidden": StateWords(lazy_gettext("Hidden"), lazy_gettext("Only its author and the moderators can read it."),
                         "danger"),
    "declined": StateWords(lazy_gettext("Declined"), lazy_gettext("The city does not take it up and says why."),
                           "danger"),
    # Of changes, reports and appeals.
    "applied": StateWords(lazy_gettext("Taken over"), lazy_gettext("The new text is public."), "success"),
    "refused": StateWords(lazy_gettext("Not taken over"), lazy_gettext("The old text stays."), "danger"),
    "open": StateWords(lazy_gettext("Being looked at"),
                       lazy_gettext("A moderator will look at it and decide."), "warning"),
    "upheld": StateWords(lazy_gettext("Upheld"), lazy_gettext("A moderator has decided and answered."), "info"),
    "dismissed": StateWords(lazy_gettext("Dismissed"), lazy_gettext("The entry stays as it is."), "neutral"),
    "filed": StateWords(lazy_gettext("Appeal filed"), lazy_gettext("Another moderator will look at it."), "warning"),
    "replied": StateWords(lazy_gettext("Replied"),
                          lazy_gettext("Another moderator will look at it once more."), "warning"),
    "closed": StateWords(lazy_gettext("Decided for good"), lazy_gettext("The decision stands."), "neutral"),
    "reversed": StateWords(lazy_gettext("Reversed"), lazy_gettext("The decision was taken back."), "success"),
    "archived": StateWords(lazy_gettext("Closed"), lazy_gettext("It is kept here to be read."), "neutral"),
    "accepted": StateWords(lazy_gettext("Accepted"), lazy_gettext("The city takes it into its idea pool."), "success"),
    "received": StateWords(lazy_gettext("In the idea pool"),
                           lazy_gettext("It has arrived at the office that checks it."), "success"),
    "check_passed": StateWords(lazy_gettext("First check passed"),
                               lazy_gettext("It meets the basic criteria of the city’s strategy."), "success"),
    "check_failed": StateWords(lazy_gettext("First check not passed"),
                               lazy_gettext("It does not meet all basic criteria; the answer says which."), "danger"),
    "rated": StateWords(lazy_gettext("Rated"), lazy_gettext("The office has rated how far the idea would carry."),
                        "success"),
    "planned": StateWords(lazy_gettext("Planned"), lazy_gettext("It is to become a project."), "success"),
    "under_way": StateWords(lazy_gettext("Under way"), lazy_gettext("The city is working on it."), "success"),
    "done": StateWords(lazy_gettext("Done"), lazy_gettext("It has become real."), "success"),
    "not_pursued": StateWords(lazy_gettext("Not pursued further"),
                              lazy_gettext("The city has stopped working on it and says why."), "danger"),
}

# Of a comment, where the words of an idea would be wrong.
_COMMENT_STATES: dict[str, StateWords] = {
    "published": StateWords(lazy_gettext("Public"), lazy_gettext("Everyone can read it and answer it."), "success"),
}

# What a move is called on a button for staff, and on the timeline for everyone.
MOVES: dict[str, tuple[Any, Any]] = {
    "submit": (lazy_gettext("Send"), lazy_gettext("Sent to the city")),
    "take_over": (lazy_gettext("Take over"), lazy_gettext("Taken over from another platform")),
    "hand_in": (lazy_gettext("Hand in"), lazy_gettext("Handed in from another platform")),
    "withdraw": (lazy_gettext("Withdraw"), lazy_gettext("Withdrawn by the author")),
    "publish": (lazy_gettext("Publish"), lazy_gettext("Published")),
    "return": (lazy_gettext("Return with a question"), lazy_gettext("Returned to the author with a question")),
    "reject": (lazy_gettext("Reject"), lazy_gettext("Not published")),
    "accept": (lazy_gettext("Accept for the idea pool"), lazy_gettext("Accepted for the idea pool")),
    "decline": (lazy_gettext("Decline with an answer"), lazy_gettext("Declined with an answer")),
    "hide": (lazy_gettext("Hide"), lazy_gettext("Hidden")),
    "archive": (lazy_gettext("Close"), lazy_gettext("Closed")),
    "enter": (lazy_gettext("Enter"), lazy_gettext("Entered by the city for its author")),
    "merge": (lazy_gettext("Merge into another idea"), lazy_gettext("Merged into another idea")),
    "unmerge": (lazy_gettext("Take the merge apart"), lazy_gettext("Stands for itself again")),
    "reinstate": (lazy_gettext("Publish after all"), lazy_gettext("Published after all")),
    "publish_trusted": (lazy_gettext("Publish at once"), lazy_gettext("Published at once, to be checked after")),
    "hide_reported": (lazy_gettext("Hide after reports"),
                      lazy_gettext("Hidden after reports, until a moderator decides")),
    "stay_hidden": (lazy_gettext("Leave it hidden"), lazy_gettext("Stays hidden: the reports were right")),
    "apply": (lazy_gettext("Take the change over"), lazy_gettext("Change taken over")),
    "refuse": (lazy_gettext("Refuse the change"), lazy_gettext("Change not taken over")),
    "open": (lazy_gettext("Open"), lazy_gettext("Reported")),
    "uphold_report": (lazy_gettext("The reports are right: hide it"), lazy_gettext("Hidden after a report")),
    "dismiss": (lazy_gettext("The reports are not right: leave it"), lazy_gettext("Report dismissed")),
    "file": (lazy_gettext("Appeal"), lazy_gettext("Appeal filed")),
    "reply": (lazy_gettext("Reply"), lazy_gettext("Reply to the answer")),
    "uphold": (lazy_gettext("The decision stands"), lazy_gettext("Decision upheld")),
    "reverse": (lazy_gettext("Reverse the decision"), lazy_gettext("Decision reversed")),
    "close": (lazy_gettext("The decision stands for good"), lazy_gettext("Decision upheld for good")),
    "block": (lazy_gettext("Block"), lazy_gettext("Author blocked")),
    "unblock": (lazy_gettext("Lift the block"), lazy_gettext("Block lifted")),
    "unmask": (lazy_gettext("Show the masked part"), lazy_gettext("Masked part shown again")),
    "receive": (lazy_gettext("Receive"), lazy_gettext("Arrived in the idea pool")),
    "pass": (lazy_gettext("First check passed"), lazy_gettext("First check passed")),
    "fail": (lazy_gettext("First check not passed"), lazy_gettext("First check not passed")),
    "rate": (lazy_gettext("Rated"), lazy_gettext("Rated by the office")),
    "plan": (lazy_gettext("Plan as a project"), lazy_gettext("Planned as a project")),
    "start": (lazy_gettext("Work begins"), lazy_gettext("Work has begun")),
    "complete": (lazy_gettext("Done"), lazy_gettext("Completed")),
    "recheck": (lazy_gettext("Check once more"), lazy_gettext("Being checked once more")),
    "drop": (lazy_gettext("Stop"), lazy_gettext("Not pursued further")),
}


# How far the benefit that was promised was reached.
MET: dict[str, Any] = {
    "fully": lazy_gettext("Fully reached"),
    "partly": lazy_gettext("Partly reached"),
    "not": lazy_gettext("Not reached"),
}


# How often somebody wants e-mails about ideas they support or follow.
RHYTHMS: dict[str, Any] = {
    "at_once": lazy_gettext("At once, each by itself"),
    "daily": lazy_gettext("Once a day, all in one e-mail"),
    "weekly": lazy_gettext("Once a week, all in one e-mail"),
    "never": lazy_gettext("No e-mails about them"),
}


def met_words(key: str) -> str:
    """How far what was promised was reached, in words."""
    return str(MET[key])


def state_words(key: str, kind: str = "idea") -> StateWords:
    """A state in words; `kind` is what is in that state: an "idea", a "comment" or another kind of entry."""
    return (_COMMENT_STATES if kind == "comment" else STATES).get(key, STATES[key])


def move_button(key: str) -> str:
    """A move as staff choose it."""
    return str(MOVES[key][0])


def move_done(key: str) -> str:
    """A move as the timeline tells it."""
    return str(MOVES[key][1])


def sentence(trouble: Trouble) -> str:
    """What went wrong, as a sentence for the person in front of the page."""
    limit, length = _number(trouble.values.get("limit")), _number(trouble.values.get("length"))
    if trouble.why == "too_short":
        return str(ngettext("Please write at least %(num)d character.",
                            "Please write at least %(num)d characters.", limit))
    if trouble.why == "too_long":
        over = ngettext("This is %(num)d character too long.", "This is %(num)d characters too long.", length - limit)
        most = ngettext("At most %(num)d character fits.", "At most %(num)d characters fit.", limit)
        return f"{over} {most}"
    if trouble.why == "outside_city":
        return str(gettext("Please write a number from %(least)s to %(most)s: the point has to lie in the city.",
                           least=trouble.values.get("least"), most=trouble.values.get("most")))
    if trouble.why == "wrong_code":
        return str(ngettext("This code is not right. You have %(num)d more try.",
                            "This code is not right. You have %(num)d more tries.",
                            _number(trouble.values.get("left"))))
    return str(SENTENCES.get(trouble.why) or gettext("This did not work."))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


SENTENCES: dict[str, Any] = {
    "required": lazy_gettext("Please fill this in."),
    "not_offered": lazy_gettext("Please choose one of the offered answers."),
    "not_an_email": lazy_gettext("Please enter an e-mail address such as name@example.org."),
    "spent_code": lazy_gettext("This code has expired or was used. Please ask for a new one."),
    "spent_link": lazy_gettext("This sign-in address has expired or was used."),
    "signed_out": lazy_gettext("Please sign in first."),
    "role": lazy_gettext("Your account may not do this."),
    "not_own": lazy_gettext("This belongs to somebody else."),
    "unknown_idea": lazy_gettext("There is no such idea here. Perhaps the address has a slip, "
                                 "or the idea is not public."),
    "unknown_comment": lazy_gettext("There is no such comment here."),
    "unknown_entry": lazy_gettext("There is no such entry here."),
    "unknown_receiver": lazy_gettext("Records are not delivered to this address any more."),
    "no_record_chosen": lazy_gettext("Please choose the records that are to be sent again."),
    "unknown_record": lazy_gettext("There is no such record in the idea pool."),
    "unknown_token": lazy_gettext("There is no such token here."),
    "known_token": lazy_gettext("There is a token of this name already. If you have just issued it and its secret is "
                                "lost, revoke it and issue another."),
    "unknown_view": lazy_gettext("There is no such saved list here."),
    "too_many_views": lazy_gettext("You have as many saved lists as there can be. Please delete one first."),
    "no_coordinator": lazy_gettext("Nobody coordinates this field of action yet. Please choose a person."),
    "not_of_the_office": lazy_gettext("This person does not belong to the office any more."),
    "date_passed": lazy_gettext("This day has passed already."),
    "not_a_day": lazy_gettext("Please enter a day such as 2027-03-31."),
    "unknown_page": lazy_gettext("This page of the list does not exist. Please begin with the first one."),
    "unknown_language": lazy_gettext("This site does not speak that language yet."),
    "unknown_move": lazy_gettext("This step does not exist."),
    "moved_on": lazy_gettext("Somebody else has decided meanwhile, so nothing was changed. "
                             "Please look at where it stands now."),
    "decided_meanwhile": lazy_gettext("It was decided meanwhile, so it can no longer be changed."),
    "text_changed": lazy_gettext("The author has changed the text since you opened it, so nothing was decided. "
                                 "Please read it again."),
    "claimed": lazy_gettext("Somebody else is working on this entry, so nothing was decided."),
    "waits_for_second": lazy_gettext("A decision is proposed already and waits for a second moderator."),
    "proposed_it_oneself": lazy_gettext("You proposed this decision; a second moderator confirms it."),
    "decided_it_oneself": lazy_gettext("The appeal is against your own decision; somebody else decides on it."),
    "too_late_to_undo": lazy_gettext("It is too late to undo this: it has been sent."),
    "scope": lazy_gettext("This entry lies outside your fields of action or districts."),
    "no_such_target": lazy_gettext("There is no public idea with this number that it could be merged into."),
    "merged_itself": lazy_gettext("This idea was merged itself; please name the one it was merged into."),
    "others_merged_here": lazy_gettext("Other ideas were merged into this one; it cannot be merged away."),
    "not_in_the_text": lazy_gettext("One of these passages does not stand in the text as you wrote it."),
    "nothing_chosen": lazy_gettext("Please choose entries that wait."),
    "too_many": lazy_gettext("These are too many at once. Please choose fewer."),
    "blocked": lazy_gettext("Your account is blocked at present, so this was not sent. The letter about it says why, "
                            "until when, and how to appeal."),
    "not_public_any_more": lazy_gettext("This is not public any more, so there is nothing to report."),
    "reported_already": lazy_gettext("You have reported this already. You get an answer when it is decided."),
    "cannot_be_hidden": lazy_gettext("The idea pool has taken this idea up, so it cannot be hidden here. "
                                     "Please ask the office that keeps the pool."),
    "unknown_report": lazy_gettext("There is no such report here."),
    "unknown_statement": lazy_gettext("There is no such decision here."),
    "no_head_yet": lazy_gettext("No head of the decision log is signed yet. The first one is signed within a day after "
                                "the first decision."),
    "cannot_be_appealed": lazy_gettext("This decision restricts nothing, so there is nothing to appeal against."),
    "appeal_too_late": lazy_gettext("The time for this has passed, so it was not sent."),
    "appealed_already": lazy_gettext("You have appealed already. You get an answer when it is decided."),
    "replied_already": lazy_gettext("You have replied already. You get the last answer when it is decided."),
    "nothing_to_carry": lazy_gettext("There is no support of yours to carry over."),
    "consent_missing": lazy_gettext("Please confirm that its author agreed."),
    "no_criteria": lazy_gettext("This city names no basic criteria, so there is nothing to check."),
    "cannot_fail_here": lazy_gettext("A failed check needs a public answer, and from where the idea stands it cannot "
                                     "be given. Please move the idea on first; the check was not recorded."),
    "rate_first": lazy_gettext("Please give your own rating first; then you see the others and can record what you "
                               "agreed on."),
    "read_the_draft": lazy_gettext("Below is a draft that fits the result. Please read it, change it as needed, and "
                                   "send the check again."),
    "written_for_other": lazy_gettext("This answer was written for the other result of the check. Please read it "
                                      "again and send the check once more."),
    "in_the_future": lazy_gettext("This day is still to come. Please enter the day on which it happened."),
    "before_acceptance": lazy_gettext("This day lies before the idea was accepted."),
    "not_an_address": lazy_gettext("Please enter a whole address that begins with https://."),
    "not_in_the_future": lazy_gettext("Please choose a day after today."),
    "too_far_away": lazy_gettext("Please choose a day within the next ten years."),
    "same_day": lazy_gettext("This day is promised already. Please choose another one."),
    "same_language": lazy_gettext("The answer itself is in this language. Please choose another language for one of "
                                  "the two."),
    "promised_meanwhile": lazy_gettext("The idea was answered or another day was promised meanwhile, so nothing was "
                                       "changed. Please look at it again."),
    "prepared_meanwhile": lazy_gettext("A colleague has changed the prepared answer meanwhile, so nothing was changed. "
                                       "Please look at it again."),
    "published_already": lazy_gettext("This answer has been published already."),
    "not_ready": lazy_gettext("This answer is not marked as ready."),
    "nothing_prepared": lazy_gettext("There is no prepared answer here."),
    "of_another_site": lazy_gettext("This record belongs to another site, where it is answered."),
    "unknown_translation": lazy_gettext("There is no such translation here."),
    "not_public_to_translate": lazy_gettext("Only what is public can be translated."),
    "original_changed": lazy_gettext("The original has been changed since it was translated, so the translation cannot "
                                     "be published. Please turn it down and say why; it can be sent anew."),
    "translated_meanwhile": lazy_gettext("Somebody else has translated this meanwhile, so nothing was changed. "
                                         "Please look at it again."),
    "unknown_project": lazy_gettext("There is no such project here."),
    "unknown_milestone": lazy_gettext("There is no such milestone in this project."),
    "unknown_letter": lazy_gettext("This link is not complete. Please copy it whole from the letter."),
    "has_project": lazy_gettext("This record belongs to a project already."),
    "in_no_project": lazy_gettext("This record does not belong to a project any more."),
    "project_full": lazy_gettext("This project has as many ideas as it can have. Please make another one."),
    "too_many_milestones": lazy_gettext("This project has as many milestones as it can have."),
    "milestone_reached": lazy_gettext("This milestone is marked as reached, so it is not changed any more."),
    "nothing_stands_there": lazy_gettext("None of its ideas stands where this step begins."),
    "not_a_link": lazy_gettext("Please write one link a line: an address that begins with https://, then its title."),
    "too_many_links": lazy_gettext("At most ten links fit. Please leave some out."),
    "takes_no_support": lazy_gettext("This idea is not gathering support any more."),
    "takes_no_comments": lazy_gettext("This idea does not take comments any more."),
}
