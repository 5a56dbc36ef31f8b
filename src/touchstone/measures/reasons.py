"""Why an item counts or does not, in words."""

from __future__ import annotations

from collections.abc import Mapping

from touchstone.kernel.text import Text

REASONS: Mapping[str, Text] = {
    "in_time": Text("在时限内完成", "Finished within the limit"),
    "late": Text("超过时限才完成", "Finished after the limit"),
    "overdue": Text("已到期，尚未完成", "Due and not finished yet"),
    "met": Text("控制条件成立", "The control's condition held"),
    "stopped": Text(
        "条件不成立，操作已被拦截或暂缓", "The condition did not hold and the act was stopped"
    ),
    "not_met": Text("条件不成立，仅作标记", "The condition did not hold and was only flagged"),
    "control_not_judged": Text("控制无法判定", "The control could not be judged"),
    "in_order": Text("此前已有有效审核", "A valid review came before"),
    "out_of_order": Text("此前没有有效审核", "No valid review came before"),
    "conforms": Text("未违反次序与职责分离规则", "Breaks no rule of order or separation"),
    "breaks_rule": Text("违反所列规则", "Breaks the rule named"),
    "distinct_people": Text("各级齐备且由不同的人作出", "Every level, by different people"),
    "same_person": Text("有两级由同一人作出", "Two levels by the same person"),
    "level_missing": Text("有一级缺失", "A level is missing"),
    "done": Text("已完成所要求的事项", "What is asked for was done"),
    "not_done": Text("未完成所要求的事项", "What is asked for was not done"),
    "counted": Text("计入件数", "Counted"),
    "counted_above": Text("计入分子", "Counted in the numerator"),
    "counted_below": Text("计入分母", "Counted in the denominator"),
    "not_judged": Text("要素不全，不计入", "Data missing, left out"),
    "names_clause": Text("注明了生效条款", "Names a clause in force"),
    "names_no_clause": Text("未注明生效条款", "Names no clause in force"),
    "time_taken": Text("计入用时", "Its time is counted"),
    "against_baseline": Text("与基线比较", "Held against the baseline"),
    "on_target": Text("指标达标", "The indicator meets its target"),
    "off_target": Text("指标未达标", "The indicator misses its target"),
    "agrees": Text("与留痕逐行一致", "Agrees with the record row by row"),
    "differs": Text("与留痕不一致", "Differs from the record"),
    "alive": Text("控制、指标、证据齐备", "Control, indicator and evidence are there"),
    "demonstrated": Text("齐备，但仅有模拟数据来源", "All there, but only over a simulated feed"),
    "dead": Text("三者缺其一或更多", "One or more of the three is missing"),
}
STATES: Mapping[str, Text] = {
    "met": Text("达标", "On target"),
    "missed": Text("未达标", "Off target"),
    "warning": Text("预警", "Warning"),
    "critical": Text("红线", "Critical"),
    "no_target": Text("暂无目标", "No target yet"),
    "no_data": Text("无数据", "No data"),
    "not_run": Text("未运行", "Did not run"),
    "not_measured_yet": Text("尚未测量", "Not measured yet"),
}
MISSING: Mapping[str, Text] = {
    "control": Text("控制未执行", "no control executed"),
    "indicator": Text("指标未计算", "no indicator computed"),
    "evidence": Text("证据未留存", "no evidence kept"),
}
