"""A scenario as somebody wrote it who knew the subject and not the compiler: two tasks, three windows, two shifts, timers.

It has some 24,000 states, and while the graph grows what is still to be looked at grows with it for a while.
"""

ADHERENCE = """\
scenario: adherence
about: A coach helps a patient to take a daily pill, without nagging.
domain: health
family: medication
horizon: 2d
turns: 10

world:
  missed: int 0..3 = 0

events:
  dose.due: {}
  pulse.high: {}

stream:
  - {at: 8h, emit: dose.due}
  - {at: 30h, emit: dose.due}
  - {at: 20h, chance: 30%, emit: pulse.high}

agent:
  role: You coach a patient.
  wakes: [user, dose.due, pulse.high]
  acts:
    remind: {kind: says, proactive: yes, about: Remind to take the pill.}
    ask: {kind: says, with: {topic: one of side_effects | routine | worry}, about: Ask an open question.}
    praise: {kind: says, proactive: yes}
    alert_nurse: {kind: does, takes: 1m, about: Tell the nurse.}
    keep_silent: {kind: silent}

user:
  persona: patient
  needs: To feel well.
  moves: {greet: {}, took_it: {}, later: {}, tell: {}, new_time: {}}
  opens: {do: greet}
  stance: {annoyance: int 0..3 = 0}
  feels:
    - {to: agent.remind, if: not dose.due in last 2h, set: {annoyance: annoyance + 1}}
    - {to: agent.praise, set: {annoyance: annoyance - 1}}
  replies:
    - {to: agent.remind, if: user.resistance < 2 and annoyance < 2, chance: 80%, do: took_it}
    - {to: agent.remind, do: later}
    - {to: agent.ask, do: tell}
    - {to: agent, do: nothing}

personas:
  patient:
    background:
      retired: Lives alone, 74.
      working: {text: Drives a bus in shifts., likely: 60%}
    traits:
      memory: {type: one of good | poor, likely: {poor: 30%}}
      name: text = Mrs. Ito
    constraints:
      - background is working implies memory is good
    concerns: {draw: 1, from: [nausea, doubt]}

concerns:
  nausea:
    story: The pill makes her sick in the morning.
    says: I feel sick when I take it.
    weight: 2
    surfaces: agent.ask(topic == side_effects)
    eased: agent.alert_nurse
  doubt:
    story: Her sister says that the pills are poison.
    says: I am not sure that it helps.
    weight: 1
    surfaces: agent.ask(topic == worry)
    eased: agent.praise

tasks:
  course:
    STARTED:
      if_over: quiet
      do:
        - {when: dose.due, go: DUE}
    DUE:
      - {when: user.took_it, go: TAKEN}
      - {after: 6h, set: {missed: missed + 1}, go: SKIPPED}
    TAKEN:
      if_over: good
      do:
        - {when: dose.due, go: DUE}
    SKIPPED:
      - {when: dose.due, go: DUE}
      - {after: 20h, go: ABANDONED}
    ABANDONED: {end: bad}
  safety:
    CALM:
      if_over: good
      do:
        - {when: pulse.high, go: ALARM}
    ALARM:
      - {when: agent.alert_nurse, go: HANDLED}
      - {after: 1h, go: UNSAFE}
    HANDLED: {end: good}
    UNSAFE: {end: bad}

triggers:
  due: {when: dose.due, within: 1h, expect: agent.remind, otherwise: agent.keep_silent, again: yes}
  pulse: {when: pulse.high, within: 1 turn, expect: agent.alert_nurse}
  taken: {when: user.took_it, within: 2 turns, expect: agent.praise, otherwise: agent.keep_silent}

shifts:
  evening: {when: agent.remind, chance: 30%, as: user.new_time, says: I would rather take it in the evening.}
  morning: {when: agent.ask, chance: 50%, as: user.new_time, says: Perhaps in the morning after all., undoes: evening}

rules:
  no_nagging: never (agent.remind and user.later in last 1 turn)

check:
  can_take: winnable task.course is TAKEN
  safe: possible task.safety is HANDLED
"""
