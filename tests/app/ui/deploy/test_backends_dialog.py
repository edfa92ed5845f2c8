from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.domain.backend import EMBEDDED
from app.domain.deployment import DeployOptions
from app.domain.problems import HatchwayError, Problem
from app.ui.deploy.backends_dialog import BackendsDialog
from app.ui.deploy.teardown_dialog import TearDownDialog
from app.ui.deploy.wizard import DeployWizard
from app.ui.main_window import MainWindow
from app.viewmodels.deploy_run import RunState
from tests.app.fake_deployer import FakeDeployer, a_deployment
from tests.app.fake_workspace import FakeWorkspace
from tests.app.ui.conftest import Until


@pytest.fixture
async def deployer(workspace: FakeWorkspace) -> FakeDeployer:
    deployer = workspace.backends.fake_deployer
    deployer.standing.append(a_deployment())
    return deployer


async def open_list(window: MainWindow, until: Until) -> BackendsDialog:
    window.actions_by_id["backend.list"].trigger()
    await until(lambda: window.backends._dialog is not None)
    dialog = window.backends._dialog
    assert isinstance(dialog, BackendsDialog)
    return dialog


async def test_without_any_it_says_so(window: MainWindow, until: Until) -> None:
    dialog = await open_list(window, until)
    assert dialog.facts.text().startswith("None so far")
    assert not dialog.remove.isEnabled()


async def test_one_is_renamed_and_removed(window: MainWindow, workspace: FakeWorkspace, until: Until) -> None:
    profile = await workspace.backends.add_relay("Office", "https://relay.example.com", "t")
    await workspace.backends.move(["shop"], profile.id)
    dialog = await open_list(window, until)
    assert dialog.facts.text() == "1 tunnel · https://relay.example.com"
    assert dialog.tear_down.isHidden(), "a relay is nothing that Terraform made"
    dialog.name.setText("Server")
    dialog.rename.click()
    await until(lambda: dialog.list.item(0).text().startswith("Server"))
    assert "on Server" in window.page.header._facts.text()
    dialog.remove.click()
    await until(lambda: not dialog.problem.isHidden())
    assert "is used by shop" in dialog.problem.text()
    await workspace.backends.move(["shop"], EMBEDDED)
    dialog.remove.click()
    await until(lambda: dialog.list.count() == 0)
    assert workspace.backends.profiles == ()


async def test_a_new_token(window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until) -> None:
    profile = await workspace.backends.use(a_deployment(), "dev")
    workspace.backends.tokens.kept.clear()
    dialog = await open_list(window, until)
    dialog.token.click()
    await until(lambda: dialog.said.text().startswith("The new token holds"))
    assert workspace.backends.tokens.kept == {profile.id: "token-of-hatchway"}


async def test_a_new_token_of_a_relay_is_typed(window: MainWindow, workspace: FakeWorkspace, until: Until) -> None:
    profile = await workspace.backends.add_relay("Office", "https://relay.example.com", "old")
    dialog = await open_list(window, until)
    assert not dialog.token.isEnabled()
    dialog.token_field.setText("new")
    dialog.token.click()
    await until(lambda: workspace.backends.tokens.kept == {profile.id: "new"})


async def test_a_change_begins_with_what_it_was_deployed_with(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until
) -> None:
    await workspace.backends.use(a_deployment(), "dev")
    dialog = await open_list(window, until)
    dialog.change.click()
    await until(lambda: isinstance(window.backends._dialog, DeployWizard))
    wizard = window.backends._dialog
    assert isinstance(wizard, DeployWizard)
    for page in (wizard.region, wizard.domain, wizard.review):
        await until(lambda: wizard.next.isEnabled())
        wizard.next.click()
        await until(lambda page=page: wizard.page is page)
    await until(lambda: deployer.options)
    assert deployer.options[-1] == DeployOptions("hatchway", "eu-west-1", "dev", alarm_email="ada@example.com")


async def test_a_change_of_what_others_have_deployed_is_refused(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until
) -> None:
    deployer.standing[:] = [a_deployment(managed=False)]
    await workspace.backends.use(a_deployment(), "dev")
    dialog = await open_list(window, until)
    dialog.change.click()
    await until(lambda: any("not deployed from this computer" in text for text in window.toasts.texts()))


async def open_teardown(window: MainWindow, until: Until) -> TearDownDialog:
    dialog = await open_list(window, until)
    dialog.tear_down.click()
    await until(lambda: isinstance(window.backends._dialog, TearDownDialog))
    made = window.backends._dialog
    assert isinstance(made, TearDownDialog)
    await until(lambda: not made.confirm.working)
    return made


async def test_a_teardown_wants_the_name_typed(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until
) -> None:
    profile = await workspace.backends.use(a_deployment(), "dev")
    await workspace.backends.move(["shop"], profile.id)
    dialog = await open_teardown(window, until)
    assert "1 tunnel on it will run on this computer again" in dialog.confirm.explanation.text()
    assert dialog.confirm.plan.title.text() == "4 resources to delete"
    assert dialog.confirm.plan.cost.isHidden()
    dialog.confirm.typed.setText("hatch")
    assert not dialog.delete.isEnabled()
    dialog.confirm.typed.setText("hatchway")
    dialog.delete.click()
    await until(lambda: window.backends.run.state is RunState.DONE)
    assert workspace.backends.profiles == ()
    assert workspace.tunnels[0].spec.backend == EMBEDDED
    assert deployer.standing == []
    assert dialog._running.title.text() == "Everything is deleted"


async def test_what_cannot_be_deleted_is_planned_again(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until
) -> None:
    await workspace.backends.use(a_deployment(), "dev")
    dialog = await open_teardown(window, until)
    dialog.confirm.typed.setText("hatchway")
    deployer.errors["destroy"] = HatchwayError(Problem("aws_no_permission", "Not allowed", "AWS"))
    dialog.delete.click()
    await until(lambda: not dialog.view.problem.isHidden())
    dialog.view.problem.button.click()
    await until(lambda: dialog.delete.isEnabled())
    dialog.delete.click()
    await until(lambda: workspace.backends.profiles == ())


async def test_a_teardown_in_the_background_is_shown_again(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until
) -> None:
    await workspace.backends.use(a_deployment(), "dev")
    deployer.gate.clear()
    dialog = await open_teardown(window, until)
    dialog.confirm.typed.setText("hatchway")
    dialog.delete.click()
    await until(lambda: window.backends.run.working)
    dialog.reject()
    await until(lambda: window.backends._dialog is None)
    assert window._run_banner.words.text().startswith("Deleting “hatchway”")
    window.backends.go_public()
    assert window.backends._dialog is None, "one at a time"
    window._run_banner.show_button.click()
    await until(lambda: isinstance(window.backends._dialog, TearDownDialog))
    window.backends._dialog.reject()  # type: ignore[union-attr]
    await until(lambda: window.backends._dialog is None)
    deployer.gate.set()
    await until(lambda: "“hatchway” is deleted." in window.toasts.texts())


async def test_what_stands_no_more_is_told(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until
) -> None:
    await workspace.backends.use(a_deployment(), "dev")
    deployer.standing.clear()
    dialog = await open_teardown(window, until)
    assert "does not stand in eu-west-1 any more" in dialog.confirm.problem.text()
    dialog.confirm.typed.setText("hatchway")
    assert not dialog.delete.isEnabled()
    assert dialog.windowModality() is Qt.WindowModality.WindowModal
