"""`trunkline demo`: the real gateway and the real adapters against emulated platforms."""

import click

from core.errors import ConfigurationError


@click.command()
@click.option("--port", default=8080, show_default=True, help="Of the agent page; 0 is any.")
@click.option("--sandbox-port", default=8081, show_default=True, help="Of the customers' page.")
@click.option("--seconds", type=float, default=None, help="Stop after so long.", hidden=True)
@click.pass_context
def command(context: click.Context, port: int, sandbox_port: int, seconds: float | None) -> None:
    """Try everything: emulated platforms, no account, no configuration."""
    if context.find_root().params["config"]:
        raise ConfigurationError("the demo has settings of its own: leave out --config")
    from gateway.work.demo import demo

    demo(context.obj, port, sandbox_port, seconds)
