#!/usr/bin/env bash
# A real Slurm of this one machine, for tests: Debian's packages, as root, without systemd.
#
#   scripts/single_node_slurm.sh start|restart|stop FOLDER
#
# All that it writes, and its own munge, lie in FOLDER; a Slurm that is there already is left alone.
# Afterwards `export SLURM_CONF=FOLDER/slurm.conf`. No accounting, as on many small clusters.
set -euo pipefail
[ $# = 2 ] || { echo "use: $0 start|restart|stop FOLDER" >&2; exit 2; }
mkdir -p "$2"
folder=$(cd "$2" && pwd)
export SLURM_CONF=$folder/slurm.conf
host=$(hostname -s)

install() {
  command -v slurmctld slurmd munged >/dev/null && return
  command -v apt-get >/dev/null || { echo "no Slurm here, and no apt-get" >&2; return 1; }
  apt-get update --quiet=2
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends \
    slurmctld slurmd slurm-client munge >/dev/null
}

configure() {
  mkdir -p "$folder/state" "$folder/spool"
  dd if=/dev/urandom of="$folder/munge.key" bs=1 count=1024 2>/dev/null
  chmod 400 "$folder/munge.key"
  cat >"$SLURM_CONF" <<CONF
ClusterName=tests
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=27817
SlurmdPort=27818
AuthInfo=socket=$folder/munge.socket,cred_expire=15
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SchedulerParameters=batch_sched_delay=1,sched_interval=2
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=3000 State=UNKNOWN
PartitionName=short Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=2
CONF
}

wait_for() {
  for _ in $(seq 60); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.5
  done
  echo "waited for in vain: $*" >&2
  return 1
}

up() { sinfo --noheader --format=%t | grep -qE '^(idle|mix|alloc|drain)'; }

end() {
  local file=$folder/$1.pid pid
  [ -f "$file" ] || return 0
  pid=$(cat "$file")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 40); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.25
  done
}

case "$1" in
start)
  [ "$(id -u)" = 0 ] || { echo "a Slurm of this machine is started by root alone" >&2; exit 1; }
  install
  configure
  munged --force --socket="$folder/munge.socket" --key-file="$folder/munge.key" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/seed"
  slurmctld
  slurmd
  wait_for up ;;
restart) # of the controller alone, which the jobs do not notice
  end slurmctld
  slurmctld
  wait_for up ;;
stop)
  end slurmd
  end slurmctld
  end munged ;;
*)
  echo "use: $0 start|restart|stop FOLDER" >&2
  exit 2 ;;
esac
