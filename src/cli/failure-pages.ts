/**
 * What each code of a failure means, for `explain` and docs/failures. A code without its page is a type
 * error. The words of one failure, with its node and cause, are its maker's.
 */
import type { FailureCode } from '../core/failure.ts';

export interface FailurePage {
  readonly title: string;
  readonly meaning: string;
  /** How it comes about. */
  readonly cause: string;
  /** What a person does about it, in order. */
  readonly fix: readonly string[];
}

const BY_HAND = 'Try the same login by hand: the message has the command, as in "ssh NODE true".';

export const FAILURE_PAGES: { readonly [code in FailureCode]: FailurePage } = {
  'invalid-input': {
    title: 'A flag or a file is not right',
    meaning:
      'What was given cannot be used as it is. No node was changed, and most often none was contacted.',
    cause:
      'A file that cannot be read, a name that nobody has, a transaction that no node keeps, ' +
      'a value that is not understood.',
    fix: [
      'Read the title: it names the flag or the file.',
      '"glusterctl COMMAND --help" shows what is possible.',
    ],
  },
  'plan-outdated': {
    title: 'The plan no longer fits the cluster',
    meaning: 'The cluster is not as it was when the plan was made. A plan is applied exactly, or not at all.',
    cause:
      'Somebody changed something between the plan and the lock: a volume, an option, the store of a node.',
    fix: ['Read what moved, node by node.', 'Plan again: "glusterctl plan FILE".'],
  },
  'cluster-locked': {
    title: 'Someone else holds the cluster',
    meaning: 'Another run of glusterctl works on this cluster. Two never change it at the same time.',
    cause: 'An apply, a recover or a restore on this or on another machine; the message says whose.',
    fix: [
      'Wait for it to end. A holder that is dead lets go within 30 seconds.',
      '"glusterctl lock show FILE" says who holds it, and since when.',
    ],
  },
  'node-unreachable': {
    title: 'A node cannot be reached',
    meaning: 'No connection to the SSH server of the node came about. Nothing was done on it.',
    cause:
      'The host is down, its name or address is wrong, a firewall is between, or sshd takes no ' +
      'more channels.',
    fix: [
      BY_HAND,
      'Correct nodes.NODE.address or ssh.port in the file, or HostName and Port in ~/.ssh/config.',
      'Where the node is gone for longer: --without NODE goes on without it.',
    ],
  },
  'node-unreadable': {
    title: 'A node was reached, but not read',
    meaning: 'The login worked, and what the node answered cannot be used. What is not read is not judged.',
    cause:
      'A login script that prints something or ends the shell, a full disk, a store in another directory ' +
      'than /var/lib/glusterd, or a damaged journal.',
    fix: ['"ssh NODE true" must print nothing.', 'Check "df /run /tmp /var/lib/glusterd" on the node.'],
  },
  'host-key-unknown': {
    title: 'The host key is not on record',
    meaning:
      'The key that the node offers is in no known_hosts file, so it may be another machine. No ' +
      'login was tried.',
    cause:
      'The first contact with the node, another known_hosts file than usual, or a certificate ' +
      'alone on record.',
    fix: [
      'Compare the fingerprint with the one on the node: "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub".',
      'Record the key: the message has the command.',
      'Or give --accept-new, where the network is trusted: keys are recorded at the first contact.',
    ],
  },
  'host-key-changed': {
    title: 'The host key is another than the one on record',
    meaning: 'The node offers another key than known_hosts has, or one that is revoked. No login was tried.',
    cause:
      'The node was installed again, its address belongs to another machine now, or somebody is in between.',
    fix: [
      'Find out why, on the console of the node.',
      'Where it was meant: remove the old key with "ssh-keygen -R HOST", and record the new one.',
    ],
  },
  'auth-failed': {
    title: 'The login was refused',
    meaning: 'The SSH server took none of the keys that were offered.',
    cause:
      'Another user or key than the node knows, a passphrase without an agent, an agent with more keys ' +
      'than the server lets a client try, or a server that forbids root.',
    fix: [
      BY_HAND,
      'Name user and key in ~/.ssh/config (User, IdentityFile, IdentitiesOnly), in the file (ssh.user, ' +
        'ssh.identityFile) or with --user and --identity-file.',
      'Put the public key into authorized_keys on the node.',
    ],
  },
  'privilege-denied': {
    title: 'The login is not root and does not become root',
    meaning: 'GlusterFS can be read and changed by root alone, and the login is somebody else.',
    cause: 'sudo is not installed or does not work, a forced command, or an account without a shell.',
    fix: [
      'Log in as root (ssh.user: root).',
      'Or ssh.become: true, with a sudo that runs "sudo -n -- sh -c :" on each node.',
    ],
  },
  'sudo-password-needed': {
    title: 'sudo asks for a password, and none was given',
    meaning:
      'The login worked. sudo runs nothing as root without a password, so nothing was done on the node.',
    cause:
      'No NOPASSWD for this user in sudoers. sudo says the same of a user whom sudoers does not have at ' +
      'all: ' +
      'which of the two it is, it says when it is given the password.',
    fix: [
      'Give the password: --ask-become-pass asks once for all nodes, --become-password-file FILE reads it.',
      'Or let the user do without, with visudo on each node: "USER ALL=(root) NOPASSWD: /bin/sh, ' +
        '/usr/bin/sh".',
    ],
  },
  'sudo-password-wrong': {
    title: 'sudo does not take the password',
    meaning:
      'The password was sent to the node once, and is not sent there again: many systems lock an account ' +
      'after ' +
      'a few wrong ones.',
    cause: 'A typing error, another password on this node, or one that has expired.',
    fix: [
      'Try it on the node: "sudo -k; sudo true".',
      'A node with another password: its own file, nodes.NODE.ssh.becomePasswordFile.',
      'Where the account is locked by now: "faillock --user USER" there.',
    ],
  },
  'sudo-not-allowed': {
    title: 'The sudoers of the node do not let the user become root',
    meaning:
      'sudo knows who it is, and does not run a shell as root for this user. Nothing was done on the node.',
    cause: 'The user is not in sudoers, or is there for other commands only.',
    fix: [
      'With visudo on the node: "USER ALL=(root) /bin/sh, /usr/bin/sh", with NOPASSWD: where none is to ' +
        'be asked.',
      'Or log in as root (ssh.user: root).',
    ],
  },
  'sudo-needs-tty': {
    title: 'sudo wants a terminal',
    meaning: 'sudo refuses commands without a terminal (requiretty), and glusterctl has none on the node.',
    cause: '"Defaults requiretty" in sudoers, as some distributions had it.',
    fix: ['With visudo on the node: "Defaults:USER !requiretty".'],
  },
  'connection-lost': {
    title: 'The connection to a node was lost',
    meaning:
      'It ended while something was being done. What had been sent may be in effect: that is observed later.',
    cause: 'The node went down, the network failed, or sshd was stopped.',
    fix: ['Check the node and the network.', 'Run the same again: it begins by reading every node.'],
  },
  timeout: {
    title: 'A node did not answer in time',
    meaning: 'It was connected, or the connection was tried, and the limit passed.',
    cause:
      'A node that hangs or is overloaded, a disk that does not answer, or a firewall that drops packets.',
    fix: [
      BY_HAND,
      'Check the load and the disks of the node.',
      'A slow line: --connect-timeout SECONDS, or ssh.connectTimeoutSeconds in the file.',
    ],
  },
  'output-too-large': {
    title: 'A node wrote more than can be right',
    meaning: 'The answer of a script passed its limit and was cut off. What is cut off is not judged.',
    cause: 'A login script that prints without end, or a store far larger than any that is known.',
    fix: [
      '"ssh NODE true" must print nothing.',
      'Otherwise report it, with the number of volumes and bricks.',
    ],
  },
  'decision-needed': {
    title: 'A person has to decide',
    meaning: 'glusterctl could go on in more than one way, or would destroy something. Nothing was changed.',
    cause:
      'A deletion without its flag, copies of a volume of which none is clearly right, changes of others ' +
      'since a transaction, or a question that nobody can answer.',
    fix: [
      'Read the fix of the message: it names the flag, or what to do on which node.',
      'Give it, and run it again.',
    ],
  },
  'precondition-failed': {
    title: 'Something has to be repaired first',
    meaning:
      'What a step needs is not there, or something is wrong that no step of this run repairs. ' +
      'Nothing was changed.',
    cause: 'The message says it, with the code of the finding where there is one.',
    fix: [
      '"glusterctl explain CODE" of that finding.',
      '"glusterctl doctor FILE" for all that is wrong; "glusterctl recover FILE" for what can be repaired.',
    ],
  },
  fenced: {
    title: 'The lock was lost, so nothing more was done',
    meaning:
      'Every command on a node checks that its run still holds the lock. This one did not, and was refused.',
    cause: 'The connection was away for more than 25 seconds, or somebody released the lock by force.',
    fix: [
      '"glusterctl doctor FILE": is there an unfinished transaction?',
      '"glusterctl recover FILE" finishes it.',
    ],
  },
  'command-failed': {
    title: 'A command on a node failed',
    meaning: 'A command of glusterctl on a node, beside the steps of the plan, ended with an error.',
    cause:
      'The message has the last lines that the command wrote: a full disk, a service that does not start.',
    fix: ['Repair what is named, on that node.', '"glusterctl doctor FILE", then the same again.'],
  },
  'commit-failed': {
    title: 'A step failed',
    meaning:
      'A step of the plan did not come into effect on every node. All that was done before it ' +
      'was rolled back.',
    cause: 'glusterd refused it, or failed half way on a node; the message has its words.',
    fix: [
      'Read the cause: it most often names the node.',
      '"tail /var/log/glusterfs/glusterd.log" there, and repair what it says.',
      'Plan again.',
    ],
  },
  'post-validate-failed': {
    title: 'The cluster did not become as planned',
    meaning: 'Every step said success, and the nodes, read again, said otherwise. All of it was rolled back.',
    cause: 'A brick that ended, a node that was away, or somebody who changed the same volume meanwhile.',
    fix: ['Read the details: each line is a difference.', '"glusterctl doctor FILE", then plan again.'],
  },
  'rollback-incomplete': {
    title: 'Not everything could be rolled back',
    meaning:
      'The cluster is between before and after, or a complete change is not closed. The journals ' +
      'on the nodes know.',
    cause: 'A node was lost or its disk cannot be written, and stayed so while it was tried again.',
    fix: [
      'Reach the node again, or free or repair its disk.',
      '"glusterctl recover FILE" finishes it from the journals.',
      'Without it: what is printed for each node can be pasted into a shell there.',
    ],
  },
  interrupted: {
    title: 'Interrupted',
    meaning:
      'Ctrl-C, a signal, or a terminal that went away ended the run. What had been begun was ' +
      'rolled back first.',
    cause: 'A person, a job that was cancelled, or a machine that shuts down.',
    fix: ['Run it again.', 'After a second interrupt: "glusterctl recover FILE".'],
  },
};
