// Gambit audits what compression did to a language model.
//
//	gambit init   [DIR]                 make a module with a first audit
//	gambit new    probe ID              write a commented probe to start from
//	gambit show   PROBE                 show cases as the models will see them
//	gambit try    PROBE --model NAME    ask one model a few cases now
//	gambit plan   --audit gambit.yaml   what a run will cost and can show
//	gambit run    --audit gambit.yaml   ask the models and judge the answers
//	gambit compare OLD NEW              hold a run against an earlier one
//	gambit report DIR                   rebuild a report from kept evidence
//	gambit history DIR                  draw the course of each verdict over runs
//	gambit export PATH... -o DIR        write probes for another tool
//	gambit lint   PATH...               check probes and audit files
//	gambit list   [PATH...]             list probes
//
// The exit status is 0 where the gate passed (or the command did what it was
// asked), 1 where the gate did not pass, 2 for an error of usage, of the
// configuration or of a probe, and 3 where the models were unreachable or too
// few cases were answered to judge.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
)

// The exit statuses.
const (
	statusOK          = 0
	statusBlocked     = 1
	statusUsage       = 2
	statusUnreachable = 3
)

// command is one subcommand.
type command struct {
	name string
	args string // its arguments, as the help shows them
	text string // what it does, in one line
	// setup declares flags and returns what to do once they are parsed.
	setup func(*flag.FlagSet) action
}

// action does what a command is for and returns the exit status; the caller
// prints the error.
type action func(c console, args []string) (int, error)

// console is where a command writes.
type console struct{ out, err io.Writer }

var commands = []command{
	initCommand, newCommand, showCommand, tryCommand, lintCommand, listCommand,
	planCommand, runCommand, compareCommand, reportCommand, historyCommand, exportCommand, versionCommand,
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	c := console{stdout, stderr}
	if len(args) == 0 {
		usage(stderr)
		return statusUsage
	}
	name, args := args[0], args[1:]
	if name == "help" || name == "-h" || name == "-help" || name == "--help" {
		return help(c, args)
	}
	cmd, ok := find(name)
	if !ok {
		fmt.Fprintf(stderr, "gambit: unknown command %q: expected one of %s\n\n", name, names())
		usage(stderr)
		return statusUsage
	}
	return cmd.execute(c, args)
}

// execute parses the flags and runs the command.
func (cmd command) execute(c console, args []string) int {
	flags := flag.NewFlagSet("gambit "+cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := cmd.setup(flags)
	operands, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		cmd.usage(c.out)
		return statusOK
	}
	if err != nil {
		fmt.Fprintf(c.err, "gambit %s: %v\n\n", cmd.name, err)
		cmd.usage(c.err)
		return statusUsage
	}
	status, err := do(c, operands)
	if err != nil {
		complain(c.err, cmd.name, err)
	}
	return status
}

// complain prints an error; several at once stand on lines of their own, as
// file:line:col.
func complain(w io.Writer, command string, err error) {
	problems := strings.Count(err.Error(), "\n") + 1
	if problems == 1 {
		fmt.Fprintf(w, "gambit %s: %v\n", command, err)
		return
	}
	fmt.Fprintf(w, "%v\ngambit %s: %d problems\n", err, command, problems)
}

// parse accepts flags before and after the operands.
func parse(flags *flag.FlagSet, args []string) (operands []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		rest := flags.Args()
		if len(rest) == 0 {
			return operands, nil
		}
		if at := len(args) - len(rest); at > 0 && args[at-1] == "--" {
			return append(operands, rest...), nil
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
}

func find(name string) (command, bool) {
	for _, cmd := range commands {
		if cmd.name == name {
			return cmd, true
		}
	}
	return command{}, false
}

func names() string {
	list := []string{"help"}
	for _, cmd := range commands {
		list = append(list, cmd.name)
	}
	return strings.Join(list, ", ")
}

func help(c console, args []string) int {
	if len(args) == 0 {
		usage(c.out)
		return statusOK
	}
	cmd, ok := find(args[0])
	if !ok {
		fmt.Fprintf(c.err, "gambit help: unknown command %q: expected one of %s\n", args[0], names())
		return statusUsage
	}
	cmd.usage(c.out)
	return statusOK
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Gambit audits what compression did to a language model.\n\n")
	for _, cmd := range commands {
		fmt.Fprintf(w, "  gambit %-8s %s\n", cmd.name, cmd.text)
	}
	fmt.Fprint(w, "\nSee gambit help COMMAND for its flags.\n\n"+
		"Exit status: 0 gate passed (at size smoke: nothing seen to be broken), 1 gate not\n"+
		"passed, 2 usage, configuration or probe error, 3 models unreachable or coverage\n"+
		"too low to judge.\n")
}

func (cmd command) usage(w io.Writer) {
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(w)
	cmd.setup(flags)
	fmt.Fprintf(w, "usage: %s\n\n%s.\n", strings.TrimSpace("gambit "+cmd.name+" "+cmd.args), cmd.text)
	if hasFlags(flags) {
		fmt.Fprint(w, "\n")
		flags.PrintDefaults()
	}
}

func hasFlags(flags *flag.FlagSet) bool {
	any := false
	flags.VisitAll(func(*flag.Flag) { any = true })
	return any
}

var versionCommand = command{
	name: "version",
	text: "print the version",
	setup: func(*flag.FlagSet) action {
		return func(c console, _ []string) (int, error) {
			fmt.Fprintln(c.out, "gambit", version())
			return statusOK, nil
		}
	},
}

// version is the module's version that the build knows, or "devel".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
