"""The command line (命令行): ``jixiao demo | read | rules | verify | up | doctor``. Heavy imports wait until they are needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="绩效：县级财政部门年度预算绩效评价工作。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
rules_app = typer.Typer(help="评价规则", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
letters_app = typer.Typer(help="函件", no_args_is_help=True)
app.add_typer(letters_app, name="letters")


@app.command()
def demo(
    home: Annotated[Path, typer.Option(help="数据目录；中断后用同一目录再次运行即可继续")] = Path("practice-year"),
    departments: Annotated[int, typer.Option(min=1, max=300, help="部门数")] = 12,
    seed: Annotated[int, typer.Option(help="生成数据与抽取所用的种子")] = 2025,
    real: Annotated[Path | None, typer.Option(help="另行报送的真实材料所在目录")] = None,
) -> None:
    """运行一个完整的演练年度。"""
    from flows import demo as practice

    raise typer.Exit(practice.run(home, departments=departments, seed=seed, real=real))


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="要读取的文件")],
    as_json: Annotated[bool, typer.Option("--json", help="输出JSON")] = False,
    ocr: Annotated[bool, typer.Option(help="识别扫描件（需安装OCR组件）")] = False,
) -> None:
    """读取报告并列出事实、疑问与疑点。"""
    from flows.commands import read as command

    raise typer.Exit(command.read(files, as_json, ocr))


@letters_app.command("gallery")
def letters_gallery(folder: Annotated[Path, typer.Argument(help="写到哪个目录")]) -> None:
    """生成全部函件的样例页，供工作人员查看。"""
    from flows.commands import letters as command

    raise typer.Exit(command.gallery_command(folder))


@rules_app.command("list")
def rules_list() -> None:
    """列出全部评价规则。"""
    from flows.commands import rules as command

    raise typer.Exit(command.list_rules())


@rules_app.command("show")
def rules_show(ruleset: Annotated[str, typer.Argument(help="规则编号或文件")]) -> None:
    """显示一套评价规则。"""
    from flows.commands import rules as command

    raise typer.Exit(command.show_rules(ruleset))


@rules_app.command("diff")
def rules_diff(left: str, right: str) -> None:
    """对照两套评价规则。"""
    from flows.commands import rules as command

    raise typer.Exit(command.diff_rules(left, right))


@rules_app.command("test")
def rules_test(ruleset: Annotated[str | None, typer.Argument(help="规则编号；空则全部")] = None) -> None:
    """验算评价规则的算例。"""
    from flows.commands import rules as command

    raise typer.Exit(command.try_cases(ruleset))


@rules_app.command("book")
def rules_book(ruleset: str, target: Annotated[Path, typer.Argument(help="写到哪个HTML文件")]) -> None:
    """生成可打印的评价规则手册。"""
    from flows.commands import rules as command

    raise typer.Exit(command.book_rules(ruleset, target))


@rules_app.command("redraw")
def rules_redraw(record: Annotated[Path, typer.Argument(help="抽查记录，如 spot-check.json")]) -> None:
    """按抽查记录重新演算并比对。"""
    from flows.commands import rules as command

    raise typer.Exit(command.repeat_draw(record))


@rules_app.command("schema")
def rules_schema() -> None:
    """输出规则文件的JSON Schema。"""
    from flows.commands import rules as command

    raise typer.Exit(command.print_schema())


@app.command()
def verify(
    home: Annotated[Path, typer.Option(help="数据目录")] = Path("practice-year"),
) -> None:
    """核验数据目录：文件摘要、审计链、由保存的输入重新计算每个得分。"""
    from flows.commands import verify as command

    raise typer.Exit(command.verify(home))


HomeOption = Annotated[Path, typer.Option(envvar="JIXIAO_HOME", help="数据目录")]


@app.command()
def up(
    home: HomeOption = Path("jixiao-home"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="界面端口")] = 4200,
    workers: Annotated[int, typer.Option(min=0, max=16, help="工作进程数")] = 1,
) -> None:
    """在本机启动服务、界面、工作进程和全部部署。"""
    from flows.commands import up as command

    raise typer.Exit(command.up(home, port, workers))


@app.command()
def worker(
    home: HomeOption = Path("jixiao-home"),
    name: Annotated[str, typer.Option(help="本进程的名称，各进程不能相同；空则为本机名")] = "",
    limit: Annotated[int, typer.Option(min=1, max=64, help="同时办理几件事")] = 4,
    helpers: Annotated[int, typer.Option(min=1, max=64, help="同时协助其他进程办理几件事，一般为处理器核数")] = 1,
    only_help: Annotated[bool, typer.Option("--only-help", help="只协助审读和评分，不办理其他环节")] = False,
) -> None:
    """在本机启动一个工作进程，接到 PREFECT_API_URL 指定的服务（多机部署用）。"""
    from flows.commands import worker as command

    command.worker(home, name, limit, helpers, only_help)


@app.command()
def doctor(home: HomeOption = Path("jixiao-home")) -> None:
    """检查配置：哪些可用、哪些缺少。"""
    from flows.commands import doctor as command

    raise typer.Exit(command.doctor(home))


@app.command()
def watch(home: HomeOption = Path("jixiao-home")) -> None:
    """值守检查：每日运行是否正常、阶段是否逾期；有问题即邮件告知工作人员。"""
    from flows.commands import watch as command

    raise typer.Exit(command.watch(home))


@app.command()
def register(home: HomeOption = Path("jixiao-home")) -> None:
    """升级业务数据库，并在 PREFECT_API_URL 指定的服务上登记全部部署和自动处置规则（多机部署用）。"""
    from flows.commands import environment
    from flows.commands import up as command
    from tasks import store

    environment.enter(home)
    store.migrate()
    command.register()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="备份写到哪个文件，如 jixiao-2026-05-01.tar.gz")],
    home: HomeOption = Path("jixiao-home"),
) -> None:
    """备份业务数据库和全部文件，可在运行中进行。"""
    from flows.commands import backup as command

    raise typer.Exit(command.backup(home, file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="备份文件")],
    home: HomeOption = Path("jixiao-home"),
) -> None:
    """把备份恢复到一个空的数据目录，并核验。"""
    from flows.commands import backup as command

    raise typer.Exit(command.restore(file, home))


def main() -> None:
    """Entry point of ``jixiao`` (命令入口): one sentence instead of a traceback for what a person can put right."""
    from pydantic import ValidationError

    from models.rules import RuleSetError
    from tasks.backup import BackupError
    from tasks.filestore import UnusableError
    from tasks.practice.world import PracticeError
    from tasks.server import ServerError
    from tasks.store import StoreError

    try:
        app()
    except ValidationError as error:
        names = "、".join("JIXIAO_" + ".".join(map(str, e["loc"])).upper() for e in error.errors())
        typer.echo(f"jixiao: 运行设置有误，请检查环境变量 {names}。 Wrong settings: check {names}.", err=True)
        sys.exit(1)
    except (
        StoreError,
        BackupError,
        ServerError,
        UnusableError,
        PracticeError,
        RuleSetError,
        LookupError,
        OSError,
    ) as error:
        typer.echo(f"jixiao: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
