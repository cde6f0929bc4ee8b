/** What never leaves the machine. @param hostname as URL gives it, an IPv6 address in brackets */
export const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
