"""What the buttons of a case do: one small function an act, from a form's fields to the action."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.process.actions import delegation, emergency, tasks

Fields = Mapping[str, str]
Doing = Callable[[ActContext, str, Fields], None]


def _person(fields: Fields) -> str:
    person = fields.get("person", "").strip()
    if not person:
        raise refuse(
            "web.person_needed",
            "请选择人员",
            "Choose a person",
            remedy_zh="请从列表中选择同岗位人员",
            remedy_en="Choose somebody of the same post from the list",
        )
    return person


# Act -> what it does, and what is said when it is done.
ACTS: Mapping[str, tuple[Doing, Text]] = {
    "claim": (
        lambda context, task, fields: tasks.claim_task(context, task),
        Text("已领取", "Taken"),
    ),
    "release": (
        lambda context, task, fields: tasks.release_task(context, task),
        Text("已退回待办池", "Given back"),
    ),
    "transfer": (
        lambda context, task, fields: tasks.transfer_task(context, task, _person(fields)),
        Text("已转办", "Transferred"),
    ),
    "delegate": (
        lambda context, task, fields: tasks.delegate_task(context, task, _person(fields)),
        Text("已委派", "Delegated"),
    ),
    "resolve": (
        lambda context, task, fields: delegation.resolve_task(
            context, task, fields.get("reason", "")
        ),
        Text("已交回委派人", "Given back to its owner"),
    ),
    "recall": (
        lambda context, task, fields: delegation.recall_task(
            context, task, fields.get("reason", "")
        ),
        Text("已收回", "Recalled"),
    ),
    "add_signer": (
        lambda context, task, fields: tasks.add_signer(context, task, _person(fields)),
        Text("已加签", "Signer added"),
    ),
    "send_back": (
        lambda context, task, fields: tasks.send_back(
            context, task, fields.get("target", ""), fields.get("reason", "")
        ),
        Text("已退回", "Sent back"),
    ),
    "take_back": (
        lambda context, task, fields: tasks.take_back(context, task),
        Text("已撤回", "Taken back"),
    ),
    "release_hold": (
        lambda context, task, fields: tasks.release_hold(
            context, task, accept=True, reason=fields.get("reason", "")
        ),
        Text("已释放", "Released"),
    ),
    "reject_hold": (
        lambda context, task, fields: tasks.release_hold(
            context, task, accept=False, reason=fields.get("reason", "")
        ),
        Text("未予释放，已退回重办", "Not released; to be done anew"),
    ),
    "break_glass": (
        lambda context, task, fields: emergency.break_glass(
            context, task, fields.get("reason", "")
        ),
        Text("紧急授权已生效，将接受复查", "Emergency authority taken; it will be reviewed"),
    ),
}
