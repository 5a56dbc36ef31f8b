"""What kinds of facts, objects and fields of the journal are called in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from touchstone.kernel.text import Text

# Module that records -> its heading in lists of kinds.
MODULES: Mapping[str, Text] = {
    "process": Text("业务办理", "Cases"),
    "clocks": Text("时限", "Clocks"),
    "records": Text("客户与台账", "Customers and registers"),
    "evidence": Text("证据", "Evidence"),
    "messages": Text("通知", "Messages"),
    "vault": Text("敏感信息与日志查阅", "Sealed values and readings"),
    "identity": Text("机构与人员", "Units and people"),
    "packs": Text("标准", "Standard"),
    "measures": Text("指标", "Indicators"),
    "simulation": Text("模拟", "Simulation"),
}

KINDS: Mapping[str, Text] = {
    "process.case_started": Text("业务发起", "Case begun"),
    "process.advanced": Text("流程推进", "Procedure moved on"),
    "process.step_entered": Text("到达环节", "Step reached"),
    "process.step_left": Text("环节办结", "Step left"),
    "process.case_ended": Text("业务办结", "Case ended"),
    "process.case_withdrawn": Text("业务撤销", "Case withdrawn"),
    "process.incident_raised": Text("发生系统异常", "Incident raised"),
    "process.job_failed": Text("系统步骤失败", "Service step failed"),
    "process.job_retried": Text("系统步骤重试", "Service step tried again"),
    "process.thrown": Text("流程发出消息或信号", "Message or signal thrown"),
    "process.message_received": Text("收到消息", "Message received"),
    "process.message_unclaimed": Text("消息无人等待", "Message unclaimed"),
    "process.signal_received": Text("收到信号", "Signal received"),
    "process.case_called": Text("发起下级业务", "Called case begun"),
    "process.number_taken": Text("取得编号", "Number taken"),
    "process.task_claimed": Text("领取任务", "Task taken"),
    "process.task_released": Text("放回任务", "Task given back"),
    "process.task_delegated": Text("委派任务", "Task delegated"),
    "process.task_resolved": Text("交回委派任务", "Delegated task resolved"),
    "process.task_transferred": Text("转办任务", "Task transferred"),
    "process.task_due_changed": Text("任务期限变动", "Task due date moved"),
    "process.task_signed": Text("签署意见", "Opinion signed"),
    "process.task_held": Text("任务暂挂", "Task held"),
    "process.signer_added": Text("加签", "Signer added"),
    "process.signer_removed": Text("减签", "Signer removed"),
    "process.hold_released": Text("暂挂放行", "Hold released"),
    "process.hold_rejected": Text("暂挂不予放行", "Hold rejected"),
    "process.sent_back": Text("退回", "Sent back"),
    "process.taken_back": Text("撤回", "Taken back"),
    "process.act_refused": Text("操作被拒绝", "Act refused"),
    "process.control_executed": Text("控制点执行", "Control point executed"),
    "process.control_released": Text("控制点应急放行", "Control released in an emergency"),
    "process.glass_broken": Text("启用紧急授权", "Break-glass used"),
    "process.emergency_ended": Text("紧急授权到期", "Emergency ended"),
    "process.review_asked": Text("要求应急复查", "Review asked for"),
    "process.emergency_reviewed": Text("应急放行复查", "Emergency reviewed"),
    "process.evidence_added": Text("提交证据", "Evidence filed"),
    "process.entered_later": Text("补录", "Later entry"),
    "process.handed_off": Text("移交事项", "Handed off"),
    "process.handoff_completed": Text("移交办结", "Hand-off completed"),
    "process.escalated": Text("升级督办", "Escalated"),
    "process.escalation_acknowledged": Text("督办回应", "Escalation acknowledged"),
    "clocks.started": Text("开始计时", "Clock started"),
    "clocks.paused": Text("暂停计时", "Clock paused"),
    "clocks.resumed": Text("恢复计时", "Clock resumed"),
    "clocks.stopped": Text("停止计时", "Clock stopped"),
    "clocks.warned": Text("时限预警", "Clock warned"),
    "clocks.breached": Text("时限超期", "Deadline passed"),
    "clocks.recomputed": Text("期限重算", "Deadline computed anew"),
    "clocks.calendar_imported": Text("工作日历导入", "Calendar imported"),
    "records.customer_registered": Text("客户登记", "Customer registered"),
    "records.customer_changed": Text("客户信息变更", "Customer changed"),
    "records.customer_erased": Text("客户信息删除", "Customer erased"),
    "records.entered": Text("台账录入", "Register entry made"),
    "records.confirmed": Text("台账确认", "Register entry confirmed"),
    "records.corrected": Text("台账更正", "Register entry corrected"),
    "records.voided": Text("台账作废", "Register entry voided"),
    "vault.value_shown": Text("查看敏感信息", "Sealed value shown"),
    "vault.subject_erased": Text("敏感信息密钥销毁", "Key of sealed values destroyed"),
    "vault.keys_rotated": Text("密钥轮换", "Keys rotated"),
    "vault.values_sealed_anew": Text("敏感信息重新加密", "Values sealed anew"),
    "vault.journal_read": Text("查阅日志", "Journal read"),
    "vault.journal_exported": Text("导出日志", "Journal exported"),
    "vault.journal_verified": Text("核验日志", "Journal verified"),
    "identity.unit_opened": Text("机构开设", "Unit opened"),
    "identity.person_joined": Text("人员入职", "Person joined"),
    "identity.person_left": Text("人员离职", "Person left"),
    "identity.post_granted": Text("授予岗位", "Post granted"),
    "identity.post_ended": Text("解除岗位", "Post ended"),
    "identity.deputy_named": Text("指定代理", "Deputy named"),
    "identity.deputy_ended": Text("终止代理", "Deputyship ended"),
    "packs.pack_applied": Text("标准包施行", "Standard pack applied"),
    "packs.overlay_applied": Text("机构设置施行", "Overlay applied"),
    "measures.log_imported": Text("导入外部日志", "Outside log imported"),
    "simulation.founded": Text("模拟机构建立", "Simulated bank founded"),
}

OBJECTS: Mapping[str, Text] = {
    "case": Text("业务", "Case"),
    "task": Text("任务", "Task"),
    "matter": Text("督办事项", "Matter"),
    "customer": Text("客户", "Customer"),
    "subject": Text("敏感信息主体", "Subject of sealed values"),
    "clause": Text("条款", "Clause"),
    "indicator": Text("指标", "Indicator"),
    "register": Text("台账", "Register"),
    "entry": Text("台账记录", "Register entry"),
    "person": Text("人员", "Person"),
    "unit": Text("机构", "Unit"),
    "evidence": Text("证据", "Evidence"),
    "calendar": Text("日历", "Calendar"),
    "counter": Text("编号序列", "Number sequence"),
    "directory": Text("机构与人员", "Directory"),
    "content": Text("标准", "Standard"),
    "reader": Text("查阅人", "Reader"),
    "simulation": Text("模拟", "Simulation"),
}

FIELDS: Mapping[str, Text] = {
    "about": Text("查阅对象", "About"),
    "act": Text("操作", "Act"),
    "actor": Text("操作人", "Actor"),
    "barred": Text("应回避人员", "Barred persons"),
    "broken": Text("断裂处", "Broken link"),
    "by": Text("办理人", "By"),
    "calendar": Text("日历", "Calendar"),
    "caller": Text("上级业务", "Calling case"),
    "case": Text("业务", "Case"),
    "channel": Text("渠道", "Channel"),
    "checkpoints": Text("检查点数", "Checkpoints"),
    "clause": Text("条款", "Clause"),
    "clock": Text("计时", "Clock"),
    "code": Text("代码", "Code"),
    "content": Text("标准版本", "Version of the standard"),
    "control": Text("控制点", "Control point"),
    "customer": Text("客户", "Customer"),
    "deputy": Text("代理人", "Deputy"),
    "detail": Text("细节", "Detail"),
    "derivation": Text("期限推导", "Derivation"),
    "due_at": Text("到期", "Due"),
    "element": Text("环节", "Step"),
    "entry": Text("台账记录", "Entry"),
    "escalate_to": Text("升级至", "Escalates to"),
    "events": Text("事件数", "Events"),
    "evidence": Text("证据", "Evidence"),
    "facts": Text("事实数", "Facts"),
    "flows": Text("经过的连线", "Flows taken"),
    "format": Text("格式", "Format"),
    "from": Text("自", "From"),
    "how": Text("方式", "How"),
    "in_time": Text("是否按时", "In time"),
    "is_vulnerable": Text("特殊群体", "Vulnerable customer"),
    "kind": Text("类别", "Kind"),
    "level": Text("层级", "Level"),
    "limit": Text("时限", "Limit"),
    "matter": Text("督办事项", "Matter"),
    "mode": Text("控制方式", "Mode"),
    "name": Text("名称", "Name"),
    "next_at": Text("下次处理", "Next at"),
    "note": Text("说明", "Note"),
    "number": Text("编号", "Number"),
    "occurred_at": Text("发生时间", "Happened at"),
    "ok": Text("链条完整", "Every link holds"),
    "on": Text("日期", "Day"),
    "opinion": Text("意见", "Opinion"),
    "outcome": Text("结果", "Outcome"),
    "parameter": Text("参数", "Parameter"),
    "parent": Text("上级机构", "Unit above"),
    "performed_by": Text("实际办理人", "Performed by"),
    "person": Text("人员", "Person"),
    "pool": Text("任务池", "Pool"),
    "post": Text("岗位", "Post"),
    "procedure": Text("流程", "Procedure"),
    "provisional": Text("假期待公布", "Holidays not yet official"),
    "reason": Text("理由", "Reason"),
    "reference": Text("密文引用", "Reference of the sealed value"),
    "register": Text("台账", "Register"),
    "result": Text("结果", "Result"),
    "risk_grade": Text("风险等级", "Risk grade"),
    "round": Text("轮次", "Round"),
    "sealed": Text("密封字段", "Sealed fields"),
    "segment": Text("客群", "Segment"),
    "set": Text("变更内容", "Values set"),
    "sha256": Text("摘要", "Digest"),
    "share": Text("已用比例", "Share used"),
    "since": Text("起始", "Since"),
    "started_at": Text("开始于", "Started"),
    "status": Text("状态", "Status"),
    "task": Text("任务", "Task"),
    "text": Text("内容", "Text"),
    "to": Text("至", "To"),
    "unit": Text("机构", "Unit"),
    "until": Text("截至", "Until"),
    "values": Text("内容", "Values"),
    "wait": Text("等待点", "Wait"),
    "warn_at": Text("预警时刻", "Warns at"),
    "why": Text("依据", "Why"),
}


def kind_title(kind: str) -> Text:
    """A kind of fact in words; one nobody has named yet stands for itself."""
    return KINDS.get(kind) or Text(kind, kind)


def object_title(type: str) -> Text:
    """A type of object, or of stream, in words."""
    return OBJECTS.get(type) or Text(type, type)


def field_title(name: str) -> Text:
    """A field of a fact in words."""
    return FIELDS.get(name) or Text(name, name)


def kinds_by_module() -> tuple[tuple[Text, tuple[tuple[str, Text], ...]], ...]:
    """Every kind under its module's heading, for a choice."""
    found = []
    for module, heading in MODULES.items():
        kinds = tuple((kind, title) for kind, title in KINDS.items() if kind.startswith(module))
        if kinds:
            found.append((heading, kinds))
    return tuple(found)
