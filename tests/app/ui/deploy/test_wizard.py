"""From nothing to tunnels on the internet, and everything that may go wrong on the way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.domain.deployment import DomainChoice
from app.domain.problems import HatchwayError, Problem
from app.ui.deploy.relay_dialog import RelayDialog
from app.ui.deploy.wizard import DeployWizard
from app.ui.main_window import MainWindow
from app.viewmodels.deploy_run import RunState
from tests.app.fake_deployer import FakeDeployer, a_deployment
from tests.app.fake_workspace import FakeWorkspace
from tests.app.ui.conftest import Until

EXPIRED = Problem("aws_expired", "Your sign-in has expired", "AWS", "Run: aws sso login")


@pytest.fixture
async def deployer(workspace: FakeWorkspace) -> FakeDeployer:
    return workspace.backends.fake_deployer


def opened(window: MainWindow) -> DeployWizard:
    dialog = window.backends._dialog
    assert isinstance(dialog, DeployWizard)
    return dialog


async def open_wizard(window: MainWindow, until: Until) -> DeployWizard:
    """At step 1, with its answers."""
    window.actions_by_id["backend.public"].trigger()
    await until(lambda: isinstance(window.backends._dialog, DeployWizard))
    wizard = opened(window)
    await until(lambda: not wizard.page.working)
    return wizard


async def go_to_review(window: MainWindow, until: Until) -> DeployWizard:
    wizard = await open_wizard(window, until)
    for page in (wizard.region, wizard.domain, wizard.review):
        wizard.next.click()
        await until(lambda page=page: wizard.page is page and not page.working)
    return wizard


async def test_from_nothing_to_public_urls(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until
) -> None:
    wizard = await go_to_review(window, until)
    assert wizard.review.plan.title.text() == "4 resources to create"
    assert wizard.review.plan.changes.text() == "create: 2 × API, function, table"
    assert "$1.75 a month" in wizard.review.plan.cost.text()
    assert "apply" not in deployer.calls, "nothing is made before [Create]"
    wizard.next.click()
    await until(lambda: wizard.page is wizard.moving)
    assert deployer.calls[-2:] == ["apply", "mint_token"]
    assert wizard.moving.move_button.text() == "Move 3 tunnels"
    wizard.moving.boxes["docs"].setChecked(False)
    wizard.moving.default.click()
    wizard.moving.move_button.click()
    await until(lambda: len(wizard.moving.boxes) == 1)
    (profile,) = workspace.backends.profiles
    assert [status.spec.backend for status in workspace.tunnels] == [profile.id, "embedded", profile.id]
    assert workspace.settings.default_backend == profile.id
    wizard.next.click()
    await until(lambda: window.backends._dialog is None)
    assert window.backends.run.state is RunState.IDLE, "the next one begins at the beginning"
    assert "on hatchway" in window.page.header._facts.text()


async def test_what_stands_already_is_used_without_terraform(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until
) -> None:
    deployer.standing.append(a_deployment("team", managed=False))
    missing = Problem("terraform_missing", "Terraform is not installed", "you", "Install it.")
    deployer.errors["check_tools"] = HatchwayError(missing)
    wizard = await open_wizard(window, until)
    assert "Terraform is not installed" in wizard.account.tool_problem.text()
    assert not wizard.next.isEnabled()
    use = next(button for button in wizard.findChildren(QPushButton) if button.accessibleName() == "Use it: team")
    use.click()
    await until(lambda: wizard.page is wizard.moving)
    assert [profile.name for profile in workspace.backends.profiles] == ["team"]
    assert workspace.backends.tokens.kept == {workspace.backends.profiles[0].id: "token-of-team"}


async def test_expired_credentials_are_explained_and_tried_again(
    window: MainWindow, deployer: FakeDeployer, until: Until
) -> None:
    deployer.errors["identity"] = HatchwayError(EXPIRED)
    wizard = await open_wizard(window, until)
    assert wizard.account.problem.text() == "Your sign-in has expired · AWS. Run: aws sso login"
    assert not wizard.next.isEnabled()
    wizard.account.problem.button.click()
    await until(lambda: wizard.next.isEnabled())
    assert wizard.account.problem.isHidden()
    assert "1234 5678 9012" in wizard.account.identity.text()


async def test_a_region_that_is_refused_keeps_the_step(
    window: MainWindow, deployer: FakeDeployer, until: Until
) -> None:
    wizard = await open_wizard(window, until)
    wizard.next.click()
    wizard.region.region.setCurrentText("us-east-1")
    deployer.errors["identity"] = HatchwayError(Problem("aws_no_permission", "Not there", "AWS"))
    wizard.next.click()
    await until(lambda: not wizard.region.problem.isHidden())
    assert wizard.page is wizard.region
    wizard.region.name.setText("NO")
    assert "cannot be a name" in wizard.region.name_error.text()
    assert not wizard.next.isEnabled()
    wizard.region.name.setText("team")
    wizard.region.function_url.setChecked(True)
    wizard.region.problem.button.click()
    await until(lambda: wizard.page is wizard.domain)
    options = wizard.draft.options
    assert (options.region, options.name, options.front_door) == ("us-east-1", "team", "function_url")
    wizard.domain.own.setChecked(True)
    assert "function URL cannot have a domain" in wizard.domain.error.text()
    wizard.back.click()
    assert wizard.page is wizard.region


async def test_a_domain_and_alarms_become_options(window: MainWindow, until: Until) -> None:
    wizard = await open_wizard(window, until)
    wizard.next.click()
    wizard.next.click()
    await until(lambda: wizard.page is wizard.domain)
    page = wizard.domain
    assert not page.zone.isEnabled()
    page.own.setChecked(True)
    assert not page.error.text(), "an empty field needs no scolding"
    assert not wizard.next.isEnabled()
    page.domain.setText("tunnels.example.com")
    page.zone.setText("Z123")
    page.email.setText("ada@example.com")
    page.budget.setValue(20)
    assert wizard.next.isEnabled()
    options = wizard.draft.options
    assert options.domain == DomainChoice("tunnels.example.com", wildcard=True, zone_id="Z123")
    assert (options.alarm_email, options.monthly_budget) == ("ada@example.com", 20)


async def test_a_plan_that_fails_can_be_made_again_and_read(
    window: MainWindow, deployer: FakeDeployer, until: Until
) -> None:
    deployer.errors["plan"] = HatchwayError(Problem("deployment_name_taken", "The name is taken", "AWS"))
    wizard = await go_to_review(window, until)
    assert not wizard.next.isEnabled()
    wizard.review.problem.button.click()
    await until(lambda: wizard.next.isEnabled())
    text = wizard.review.plan.text
    assert text.view.isHidden()
    text.toggle.click()
    assert text.view.toPlainText() == "# Terraform will create 4"
    text.copy.click()
    assert QGuiApplication.clipboard().text() == "# Terraform will create 4"


async def test_a_safe_stop_and_on_from_there(window: MainWindow, deployer: FakeDeployer, until: Until) -> None:
    deployer.gate.clear()
    wizard = await go_to_review(window, until)
    wizard.next.click()
    view = wizard.creation.view
    await until(lambda: view.bar.value() == 2)
    assert (view.count.text(), view.clock.text()) == ("2 of 4", "0:00")
    assert "aws_apigatewayv2_api.visitors" in view.working.text()
    view.stop.click()
    await until(lambda: not view.problem.isHidden())
    assert view.problem.text().startswith("Stopped as you wished")
    assert view.stop.isHidden()
    deployer.gate.set()
    view.problem.button.click()
    await until(lambda: wizard.page is wizard.review and wizard.next.isEnabled())
    wizard.next.click()
    await until(lambda: wizard.page is wizard.moving)


async def test_closed_meanwhile_it_goes_on_in_the_background(
    window: MainWindow, workspace: FakeWorkspace, deployer: FakeDeployer, until: Until, qtbot: QtBot
) -> None:
    deployer.gate.clear()
    wizard = await go_to_review(window, until)
    wizard.next.click()
    await until(lambda: wizard.creation.view.bar.value() == 2)
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    await until(lambda: window.backends._dialog is None)
    banner = window._run_banner
    assert banner.isVisible()
    assert banner.words.text().startswith("Creating “hatchway” in AWS: 2 of 4")
    banner.show_button.click()
    await until(lambda: isinstance(window.backends._dialog, DeployWizard))
    again = opened(window)
    assert again.page is again.creation
    assert again.creation.view.log.view.toPlainText().count("working") == 3
    again.reject()
    await until(lambda: window.backends._dialog is None)
    deployer.gate.set()
    await until(lambda: workspace.backends.profiles)
    await until(lambda: not banner.isVisible())
    assert window.toasts.texts() == ["Your backend “hatchway” stands."]
    window.backends.go_public()
    await until(lambda: window.backends._dialog is not None)
    assert opened(window).page is opened(window).moving


async def test_the_window_does_not_close_over_a_running_terraform(
    window: MainWindow, deployer: FakeDeployer, until: Until
) -> None:
    closed: list[bool] = []
    window._on_close = lambda: closed.append(True)
    deployer.gate.clear()
    wizard = await go_to_review(window, until)
    wizard.next.click()
    await until(lambda: window.backends.run.working)
    wizard.reject()
    window.close()
    assert not closed
    assert window.isVisible()
    assert deployer.calls[-1] != "stop"
    stop = next(button for button in window.findChildren(QPushButton) if button.text() == "Stop safely and quit")
    stop.click()
    assert closed
    await until(lambda: window.backends.run.state is RunState.FAILED)


async def test_a_tunnel_that_is_refused_there_says_why(
    window: MainWindow, workspace: FakeWorkspace, until: Until
) -> None:
    taken = Problem("name_taken", "“docs” is taken there", "you", "Rename the tunnel.")
    workspace.edit_errors["docs"] = HatchwayError(taken)
    wizard = await go_to_review(window, until)
    wizard.next.click()
    await until(lambda: wizard.page is wizard.moving)
    wizard.moving.move_button.click()
    await until(lambda: list(wizard.moving.boxes) == ["docs"])
    assert "“docs” is taken there" in wizard.moving.boxes["docs"].accessibleDescription()
    assert not wizard.moving.boxes["docs"].isChecked()


async def test_a_relay_elsewhere_is_the_other_way(window: MainWindow, workspace: FakeWorkspace, until: Until) -> None:
    wizard = await open_wizard(window, until)
    wizard.account.relay.click()
    await until(lambda: isinstance(window.backends._dialog, RelayDialog))
    dialog = window.backends._dialog
    assert isinstance(dialog, RelayDialog)
    dialog.address.setText("http://relay.example.com")
    assert "unencrypted" in dialog.problem.text()
    assert not dialog.add.isEnabled()
    dialog.address.setText("https://relay.example.com")
    dialog.token.setText("secret")
    dialog.add.click()
    await until(lambda: window.backends._dialog is None)
    (profile,) = workspace.backends.profiles
    assert (profile.name, profile.kind) == ("My relay", "relay")
    assert workspace.backends.tokens.kept == {profile.id: "secret"}


async def test_enter_leads_on(window: MainWindow, deployer: FakeDeployer, until: Until, qtbot: QtBot) -> None:
    wizard = await open_wizard(window, until)
    for page in (wizard.region, wizard.domain, wizard.review, wizard.moving):
        await until(lambda: wizard.next.isEnabled())
        qtbot.keyClick(wizard.focusWidget(), Qt.Key.Key_Return)
        await until(lambda page=page: wizard.page is page)
    assert wizard.focusWidget() is wizard.moving.move_button
    qtbot.keyClick(wizard.focusWidget(), Qt.Key.Key_Return)
    await until(lambda: not wizard.moving.boxes)


async def test_a_tunnel_that_is_being_removed_is_not_offered(window: MainWindow, until: Until) -> None:
    window.tunnels.hide("docs")
    wizard = await go_to_review(window, until)
    wizard.next.click()
    await until(lambda: wizard.page is wizard.moving)
    assert list(wizard.moving.boxes) == ["shop", "hooks"]


async def test_every_field_and_button_has_a_name(window: MainWindow, until: Until) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QProgressBar, QSpinBox

    wizard = await open_wizard(window, until)
    for kind in (QComboBox, QLineEdit, QPlainTextEdit, QProgressBar, QSpinBox, QAbstractButton):
        for widget in wizard.findChildren(kind):
            if not isinstance(widget.parent(), QSpinBox):
                words = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
                assert words, widget
