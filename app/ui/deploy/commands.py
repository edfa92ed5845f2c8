"""What can be done with backends from the window: go public, the list of them, a relay, a teardown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from app.domain.backend import BackendProfile
from app.domain.problems import fail
from app.engine.api import Workspace
from app.engine.backends import profile_of
from app.ui.async_slots import start
from app.ui.deploy.backends_dialog import BackendsDialog
from app.ui.deploy.relay_dialog import RelayDialog
from app.ui.deploy.teardown_dialog import TearDownDialog
from app.ui.deploy.wizard import DeployWizard
from app.ui.loop import ask
from app.ui.toast import ToastStack
from app.viewmodels.deploy_run import DeployRun, RunState
from app.viewmodels.tunnels import TunnelListModel


class BackendCommands(QObject):
    """`run` is the deployment of this window, of which there is one at a time; it outlives the dialogs."""

    def __init__(self, workspace: Workspace, tunnels: TunnelListModel, toasts: ToastStack, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._tunnels = tunnels
        self._toasts = toasts
        self._window = window
        self._dialog: QDialog | None = None
        self.run = DeployRun(workspace, parent=self)
        self._told = RunState.IDLE
        self._torn: BackendProfile | None = None
        self.run.changed.connect(self._on_run)

    def go_public(self) -> None:
        """The wizard; a run on its way is shown instead of the first step."""
        if self.run.active and self.run.plan is not None and self.run.plan.destroys:
            self._toasts.show_text("A backend is being deleted. Go public when that is done.")
            return
        wizard = DeployWizard(self._workspace, self._tunnels, self.run, self._toasts.show_problem, self._window)
        wizard.relay_wanted.connect(self.add_relay)
        self._open(wizard)

    async def change(self, profile: BackendProfile) -> None:
        """The wizard with what the backend was deployed with. Raises HatchwayError if that is not known here."""
        deployer = self._workspace.backends.deployer
        managed = await deployer.managed()
        deployment = next((each for each in managed if profile_of(each, "").id == profile.id), None)
        options = None if deployment is None else await deployer.options_of(deployment)
        if options is None:
            raise fail(
                "deployment_not_managed",
                f"“{profile.name}” was not deployed from this computer",
                "you",
                "Change it where its Terraform state is.",
            )
        options = replace(options, credentials=profile.credentials)
        self._open(
            DeployWizard(
                self._workspace, self._tunnels, self.run, self._toasts.show_problem, self._window, options=options
            )
        )

    def show_list(self) -> None:
        dialog = BackendsDialog(self._workspace, self._window)
        dialog.public_wanted.connect(self.go_public)
        dialog.relay_wanted.connect(self.add_relay)
        dialog.tear_down_wanted.connect(self.tear_down)
        dialog.change_wanted.connect(self._on_change)
        self._open(dialog)

    def add_relay(self) -> None:
        self._open(RelayDialog(self._add_relay, self._window))

    def tear_down(self, profile: BackendProfile) -> None:
        if self.run.active and profile is not self._torn:
            self._toasts.show_text("Another deployment runs. Wait until it is done.")
            return
        self._torn = profile
        dialog = TearDownDialog(self._workspace, profile, self.run, self._toasts.show_problem, self._window)
        self._open(dialog)

    def show_run(self) -> None:
        """The dialog of the run that goes on."""
        if self._torn is not None and self.run.plan is not None and self.run.plan.destroys:
            self.tear_down(self._torn)
        else:
            self.go_public()

    def hold_back(self, leave: Callable[[], None]) -> bool:
        """Whether the app should not end now, since a run is under way; a toast offers to stop it and to leave then."""

        def stop_and_leave() -> None:
            self.run.stop()
            leave()

        if self.run.active:
            toast = self._toasts.show_text("A deployment is running; its state must stay whole.")
            toast.add_action("Stop safely and quit", stop_and_leave)
        return self.run.active

    async def finish(self) -> None:
        """The app ends: a run is stopped safely and waited for, or its state would be torn."""
        if self.run.active:
            self.run.stop()
        await self.run.finished()
        self.run.close()

    def _on_change(self, profile: BackendProfile) -> None:
        if self.run.active:
            self._toasts.show_text("Another deployment runs. Wait until it is done.")
            return
        start(self.change(profile), name="change-backend", show_problem=self._toasts.show_problem)

    async def _add_relay(self, name: str, address: str, token: str) -> None:
        profile = await self._workspace.backends.add_relay(name, address, token)
        self._toasts.show_text(f"“{profile.name}” is set up. Move a tunnel there in its editor (F2).")

    def _open(self, dialog: QDialog) -> None:
        start(self._show(dialog), name="backend-dialog", show_problem=self._toasts.show_problem)

    async def _show(self, dialog: QDialog) -> None:
        self._dialog = dialog
        try:
            await ask(dialog)
        finally:
            if self._dialog is dialog:
                self._dialog = None
                # What has ended before the eyes of the user needs no more words.
                self._told = self.run.state
                self.run.reset()

    def _on_run(self) -> None:
        run, before = self.run, self._told
        self._told = run.state
        if self._dialog is not None or before is run.state or run.plan is None:
            return
        name = run.plan.options.name
        if run.state is RunState.DONE and run.plan.destroys:
            self._toasts.show_text(f"“{name}” is deleted.")
        elif run.state is RunState.DONE:
            self._toasts.show_text(f"Your backend “{name}” stands.").add_action("Move tunnels…", self.go_public)
        elif run.state is RunState.FAILED and run.problem is not None:
            self._toasts.show_problem(run.problem)
