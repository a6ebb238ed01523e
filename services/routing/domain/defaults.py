"""The rules every organisation starts with: the twelve categories of the feature catalogue (5.7).

The order is from what must not be mistaken (an attack, a locked-out person) to what is said in
passing. Words that stand in everybody's signature, such as "phone", count in a subject only.
"""

from __future__ import annotations

from services.routing.domain.rules import Rule


def _any(phrases: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in phrases.split(","))


RULES: dict[int, Rule] = {
    100: Rule(
        name="security",
        team="security",
        category="security",
        words=_any(
            """phishing, suspicious mail, suspicious email, suspicious message, suspicious link,
            malware, virus, ransomware, trojan, spyware, hacked, hacker, data breach, data leak,
            data exposure, leaked, vulnerability, security incident, scam, certificate expired,
            certificate warning, certificate error, expired certificate, invalid certificate,
            钓鱼, 可疑邮件, 诈骗邮件, 恶意软件, 病毒, 木马, 勒索, 数据泄露, 信息泄露, 漏洞,
            被黑, 证书过期, 证书错误, 证书警告"""
        ),
    ),
    200: Rule(
        name="access and accounts",
        team="service-desk",
        category="access",
        words=_any(
            """password, passcode, locked out, account locked, account is locked, unlock,
            cannot log in, cannot login, cant log in, cant login, unable to log in,
            unable to login, unable to sign in, cannot sign in, cant sign in,
            log in to my account, mfa, 2fa, two factor, authenticator, multi factor,
            single sign on, sso, shared folder, access to folder, new account, user account,
            user access, access request, request access, remove access, revoke access,
            permission, permission denied, access denied, new starter, new joiner, new employee,
            leaver, onboarding, offboarding, 密码, 口令, 账号, 帐号, 账户, 帐户, 锁定, 无法登录,
            登录不了, 登录失败, 登陆, 多因素, 双因素, 验证码, 权限, 共享文件夹, 共享目录,
            新员工, 入职, 离职"""
        ),
    ),
    300: Rule(
        name="network and remote access",
        team="network",
        category="network",
        words=_any(
            """vpn, wifi, wi-fi, wireless, wlan, ethernet, network, lan cable, network cable, dns,
            dhcp, ip address, internet, remote access, firewall, router, access point,
            bandwidth, packet loss, no connection, proxy, 网络, 无线, 上网, 断网, 网速, 路由器,
            交换机, 防火墙, 远程接入, 远程访问, 网线, 互联网"""
        ),
    ),
    400: Rule(
        name="printing and scanning",
        team="workplace",
        category="printing",
        words=_any(
            """printer, print, print queue, scanner, toner, paper jam, cartridge, copier, 打印,
            扫描, 墨盒, 硒鼓, 碳粉, 卡纸, 复印"""
        ),
    ),
    500: Rule(
        name="business applications",
        team="applications",
        category="applications",
        words=_any(
            """erp, crm, sap, salesforce, finance system, accounting system, invoice, invoicing,
            payroll, hr system, e-commerce, web shop, webshop, online shop, checkout,
            purchase order, data correction, sales report, monthly report, business report,
            财务系统, 人事系统, 业务系统, 报销, 发票, 工资系统, 订单, 商城, 报表, 采购系统,
            客户系统, 数据修正, 财务软件"""
        ),
    ),
    600: Rule(
        name="servers, cloud and database",
        team="infrastructure",
        category="infrastructure",
        words=_any(
            """server, database, sql, backup, restore, kubernetes, docker, container,
            virtual machine, cpu, high load, storage, disk, filesystem, file system, cloud, aws,
            azure, node, cluster, pod, out of memory, replication, file restore, 服务器, 数据库,
            备份, 恢复文件, 存储, 磁盘, 虚拟机, 容器, 集群, 云主机, 云服务, 宕机"""
        ),
    ),
    650: Rule(
        name="monitoring",
        team="infrastructure",
        category="infrastructure",
        channels=("webhook",),
    ),
    700: Rule(
        name="email and collaboration",
        team="service-desk",
        category="email",
        words=_any(
            """mailbox, outlook, distribution list, mailing list, calendar, spam, undelivered,
            bounce, cannot send mail, cannot send email, not receiving email,
            not receiving mail, cannot receive email, mail quota, mailbox full, microsoft teams,
            ms teams, teams meeting, teams call, slack, zoom, chat, meeting invite, video call,
            video conference, sharepoint, onedrive, 邮箱, 邮件, 日历, 通讯组, 视频会议,
            会议链接, 聊天, 垃圾邮件, 企业微信, 钉钉, 飞书"""
        ),
    ),
    800: Rule(
        name="mobile",
        team="workplace",
        category="mobile",
        words=_any(
            """iphone, ipad, android, smartphone, sim card, company phone, work phone, lost phone,
            new phone, my phone, tablet, device enrolment, device enrollment, esim, 手机, 平板,
            设备注册, 电话卡, SIM卡"""
        ),
    ),
    810: Rule(
        name="mobile in the subject",
        team="workplace",
        category="mobile",
        subject_words=_any("mobile, phone, cell phone, sim, 电话"),
    ),
    900: Rule(
        name="software",
        team="workplace",
        category="software",
        words=_any(
            """software, install, installation, uninstall, licence, license, crash, freeze, frozen,
            software update, update failed, update fails, updates, upgrade, operating system,
            browser, chrome, firefox, microsoft edge, excel, powerpoint, microsoft word,
            microsoft office, office 365, adobe, acrobat, driver, cache,
            application does not open, app does not open, error message, plugin, add-in, 软件,
            安装, 卸载, 许可证, 授权, 崩溃, 闪退, 系统更新, 软件更新, 更新失败, 升级, 操作系统,
            浏览器, 驱动, 办公软件, 报错"""
        ),
    ),
    950: Rule(
        name="workplace hardware",
        team="workplace",
        category="hardware",
        words=_any(
            """laptop, notebook, desktop, monitor, second screen, external screen, black screen,
            dock, docking station, keyboard, mouse, headset, webcam, microphone, charger,
            power adapter, battery, usb, hardware, broken screen, cracked screen, slow computer,
            computer is slow, pc is slow, will not boot, wont boot, does not start,
            wont turn on, 笔记本, 电脑坏, 电脑慢, 电脑很慢, 电脑卡, 台式机, 显示器, 屏幕, 键盘,
            鼠标, 耳机, 摄像头, 充电器, 电池, 扩展坞, 开不了机, 无法开机, 蓝屏, 硬件"""
        ),
    ),
    1000: Rule(
        name="computers in general",
        team="workplace",
        category="software",
        words=_any("windows, macos, linux, ubuntu, computer, pc, 电脑"),
    ),
    1100: Rule(
        name="facilities",
        team="facilities",
        category="facilities",
        words=_any(
            """meeting room, conference room, badge, access card, key card, entry card, desk move,
            office chair, air conditioning, heating, light bulb, parking, cleaning, elevator,
            kitchen, coffee machine, door, furniture, broken window, office building, 会议室,
            工牌, 门禁, 工位, 办公椅, 空调, 暖气, 灯坏, 灯管, 停车, 保洁, 电梯, 茶水间, 搬家"""
        ),
    ),
    1200: Rule(
        name="questions",
        team="service-desk",
        category="inquiry",
        words=_any(
            """how do i, how can i, how to, how does, where can i, where do i, what is the status,
            status of my ticket, status of my request, any news, question, policy, feedback,
            complaint, 如何, 怎么, 怎样, 请问, 咨询, 进度, 状态, 政策, 规定, 反馈, 投诉"""
        ),
    ),
}
