from __future__ import annotations

import pytest

from app.domain.deployment import DomainChoice
from app.domain.problems import HatchwayError, Problem
from app.viewmodels.deploy_draft import DeployDraft, domain_problem, name_problem
from tests.app.fake_deployer import FakeDeployer, a_deployment
from tests.app.fake_workspace import FakeWorkspace


@pytest.fixture
async def workspace() -> FakeWorkspace:
    return FakeWorkspace()


@pytest.fixture
async def deployer(workspace: FakeWorkspace) -> FakeDeployer:
    return workspace.backends.fake_deployer


@pytest.fixture
async def draft(workspace: FakeWorkspace) -> DeployDraft:
    return DeployDraft(workspace)


def error(code: str) -> HatchwayError:
    return HatchwayError(Problem(code, "No", "AWS"))


class TestAccount:
    async def test_who_and_what_stands_in_the_usual_region(self, draft: DeployDraft, deployer: FakeDeployer) -> None:
        deployer.standing.append(a_deployment("team"))
        await draft.load()
        await draft.find_tool()
        await draft.check_account()
        assert draft.identity is not None
        assert draft.identity.region == "eu-west-1"
        assert [each.name for each in draft.found] == ["team"]
        assert draft.tool is not None
        assert list(draft.profiles) == ["default", "dev"]

    async def test_without_a_usual_region_the_account_is_known_all_the_same(
        self, draft: DeployDraft, deployer: FakeDeployer
    ) -> None:
        deployer.errors["identity"] = error("aws_no_region")
        await draft.check_account()
        assert draft.identity is not None
        assert draft.identity.region == "us-east-1"

    async def test_other_errors_are_told_and_nobody_is_known(self, draft: DeployDraft, deployer: FakeDeployer) -> None:
        await draft.check_account()
        deployer.errors["identity"] = error("aws_expired")
        with pytest.raises(HatchwayError):
            await draft.check_account()
        assert draft.identity is None

    async def test_other_credentials_are_somebody_else(self, draft: DeployDraft) -> None:
        await draft.check_account()
        draft.choose(credentials="dev")
        assert draft.identity is None

    async def test_an_answer_for_credentials_that_were_given_up_is_forgotten(
        self, draft: DeployDraft, deployer: FakeDeployer
    ) -> None:
        asked = deployer._called

        async def choose_meanwhile(method: str) -> None:
            draft.choose(credentials="dev")
            await asked(method)

        deployer._called = choose_meanwhile  # type: ignore[method-assign]
        await draft.check_account()
        assert draft.identity is None


class TestPlan:
    async def test_a_plan_is_for_the_options_it_was_made_for(self, draft: DeployDraft, deployer: FakeDeployer) -> None:
        draft.choose(region="eu-west-1", name="team")
        await draft.make_plan(lambda _: None)
        assert draft.plan is not None
        assert draft.plan.options == deployer.options[-1] == draft.options
        draft.choose(name="team")
        assert draft.plan is not None, "the same choice voids nothing"
        draft.choose(name="other")
        assert draft.plan is None

    async def test_what_stands_under_the_name(self, draft: DeployDraft, deployer: FakeDeployer) -> None:
        deployer.standing.append(a_deployment("team"))
        draft.choose(region="eu-west-1", name="team")
        assert draft.standing() is None
        await draft.check_region()
        assert draft.standing() == a_deployment("team")
        draft.choose(region="us-east-1")
        assert draft.standing() is None


@pytest.mark.parametrize("name", ["", "ab", "Hatchway", "1st", "a-", "a_b", "a" * 25])
def test_names_that_terraform_would_refuse(name: str) -> None:
    problem = name_problem(name)
    assert problem is not None
    assert problem.code == "bad_deployment_name"


def test_names_that_are_fine() -> None:
    assert [name_problem(name) for name in ("abc", "hatchway-2", "a" * 24)] == [None, None, None]


@pytest.mark.parametrize(
    ("domain", "front_door", "code"),
    [
        (DomainChoice("t.example.com", zone_id="Z1"), "function_url", "domain_needs_http_api"),
        (DomainChoice("https://t.example.com", zone_id="Z1"), "http_api", "bad_domain"),
        (DomainChoice("*.example.com", zone_id="Z1"), "http_api", "bad_domain"),
        (DomainChoice("t.example.com"), "http_api", "domain_needs_zone"),
        (DomainChoice("t.example.com", zone_id="Z1"), "http_api", None),
        (DomainChoice("t.example.com", certificate_arn="arn:x"), "http_api", None),
        (None, "function_url", None),
    ],
)
def test_domains(domain: DomainChoice | None, front_door: str, code: str | None) -> None:
    problem = domain_problem(domain, front_door)
    assert (problem and problem.code) == code
