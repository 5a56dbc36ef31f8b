"""The pages of courses and exams: one's own papers alone, who has passed, and how the questions do."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client

from touchstone.identity.queries import directory
from touchstone.packs.catalogue import catalogue
from touchstone.people.courses import course_of, courses
from touchstone.people.queries import Sitting, standings, statistics
from touchstone.simulation.run import Simulation

AsPerson = Callable[[str], Client]
Holder = Callable[..., str]


def _papers(course: str) -> list[Sitting]:
    return [item for stands in standings(course).values() for item in stands.sittings]


def test_a_paper_is_shown_to_whoever_sat_it_and_to_nobody_else(
    bank: Simulation, as_person: AsPerson
) -> None:
    papers = _papers("service")
    assert len({item.person for item in papers}) > 2, "the simulated bank is examined"
    one = papers[0]
    address = f"/learning/exams/{one.id}/"

    page = as_person(one.person).get(address).content.decode()
    course = course_of(catalogue(), "service")
    assert all(course.questions[name].text.zh in page for name in one.paper)
    assert f"{one.score} 分" in page
    for other in {item.person for item in papers} - {one.person}:
        assert as_person(other).get(address).status_code == 404
        assert as_person(other).post(address, {}).status_code == 404


def test_a_paper_that_was_handed_in_is_not_taken_again(
    bank: Simulation, as_person: AsPerson
) -> None:
    one = _papers("service")[0]
    answer = as_person(one.person).post(f"/learning/exams/{one.id}/", {one.paper[0]: "A"})

    assert answer.status_code == 422
    assert "不能再次提交" in answer.content.decode()


def test_the_course_page_counts_certificates_and_questions(
    bank: Simulation, as_person: AsPerson, holder: Holder
) -> None:
    page = as_person(holder("training_officer")).get("/learning/courses/service/")
    text = page.content.decode()

    course = course_of(catalogue(), "service")
    asked = statistics(course)
    assert page.status_code == 200
    assert all(course.questions[item.question].text.zh in text for item in asked)
    assert len(re.findall(r"<tr data-row>", text)) >= len(asked) + len(standings("service"))
    assert as_person(holder("teller", "b11")).get("/learning/courses/service/").status_code == 403


def test_somebody_without_the_post_is_told_why_he_is_not_examined(
    bank: Simulation, as_person: AsPerson, holder: Holder
) -> None:
    client = as_person(holder("system_administrator"))

    assert "没有为您的岗位设置课程" in client.get("/learning/").content.decode()
    answer = client.post("/learning/courses/service/begin/", {"key": "k" * 20})
    assert answer.status_code == 422
    assert "不是您所任岗位的课程" in answer.content.decode()


def test_a_head_sees_the_people_of_his_own_units_alone(
    bank: Simulation, as_person: AsPerson, holder: Holder
) -> None:
    def examined(post: str, unit: str) -> set[str]:
        page = as_person(holder(post, unit)).get("/learning/courses/service/").content.decode()
        return {name for name in names.values() if f'<td class="lead">{name}</td>' in page}

    people = directory()
    names = {person: people.persons[person].name.zh for person in standings("service")}
    units = {item.person: item.unit for item in _papers("service")}
    below = people.under("b3")

    assert examined("quality_officer", "head") == set(names.values())
    assert examined("branch_head", "b3") == {
        name for person, name in names.items() if units[person] in below
    }
    assert examined("outlet_head", "b31") == {
        name for person, name in names.items() if units[person] == "b31"
    }


def test_the_register_of_results_names_person_and_course(
    bank: Simulation, as_person: AsPerson, holder: Holder
) -> None:
    page = as_person(holder("quality_officer")).get("/registers/exam-result/").content.decode()
    cells = set(re.findall(r"<td[^>]*>([^<]+)</td>", page))
    people, standard = directory().persons, catalogue()

    assert cells & {people[item.person].name.zh for item in _papers("service")}
    assert cells & {course.title.zh for course in courses(standard)}
    assert not cells & {*people, *standard.objects("course")}
